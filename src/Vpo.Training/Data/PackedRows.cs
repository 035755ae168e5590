namespace Vpo.Training;

/// <summary>A stretch of a packed batch: each token sees the tokens before it in its segment, and the whole of the segment's ancestors.</summary>
/// <param name="Start">Its first token.</param>
/// <param name="Length">Its tokens; at least 1.</param>
/// <param name="Ancestors">Indices of earlier segments, outermost first.</param>
internal sealed record Segment(int Start, int Length, IReadOnlyList<int> Ancestors);

/// <summary>Rows as one sequence of segments, in which what rows have in common stands once. Positions go on from the ancestors' end.</summary>
internal sealed class PackedRows
{
    // A shorter prefix common to the batch is not worth the copies of its keys.
    private const int WorthSharing = 8;

    private readonly List<Segment> _segments = [];
    private readonly List<long> _ids = [], _positions = [];
    private readonly long[][] _predicting, _targets;

    private PackedRows(int rows) => (_predicting, _targets) = (new long[rows][], new long[rows][]);

    /// <summary>The tokens.</summary>
    public long[] Ids => [.. _ids];

    /// <summary>Rotary position of each token.</summary>
    public long[] Positions => [.. _positions];

    /// <summary>The stretches, which cover all tokens in order.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>Where the trained tokens are predicted: row after row, as in a <see cref="TokenBatch"/>.</summary>
    public long[] Predicting => [.. _predicting.SelectMany(p => p)];

    /// <summary>The trained tokens.</summary>
    public long[] Targets => [.. _targets.SelectMany(t => t)];

    /// <summary>Lays rows out.</summary>
    /// <param name="rows">At least one, each with a trained token.</param>
    /// <param name="layout">Packed, SharedPrompt or SharedPrefix.</param>
    public static PackedRows Of(IReadOnlyList<TokenizedExample> rows, RowLayout layout)
    {
        var whole = rows.Select(Whole).ToList();
        int[][] groups = layout == RowLayout.Packed
            ? [.. whole.Select((_, row) => new[] { row })]
            : [.. Enumerable.Range(0, rows.Count).GroupBy(row => whole[row].Prompt, PromptComparer.Instance).Select(g => g.ToArray())];
        return Of(rows, groups, layout == RowLayout.SharedPrefix ? Common([.. groups.Select(g => whole[g[0]].Prompt)]) : 0);
    }

    /// <summary>Lays rows out.</summary>
    /// <param name="rows">At least one, each with a trained token.</param>
    /// <param name="groups">Rows that share their prompt, which is computed once for each group.</param>
    /// <param name="common">Tokens that all prompts begin with and that are computed once; 0: none.</param>
    public static PackedRows Of(IReadOnlyList<TokenizedExample> rows, IReadOnlyList<int[]> groups, int common)
    {
        var packed = new PackedRows(rows.Count);
        var whole = rows.Select(Whole).ToList();
        var trunk = common > 0 ? packed.Add(whole[0].Prompt.AsSpan(0, common), 0, []) : null;
        foreach (var group in groups)
            packed.AddGroup(group, whole, trunk);
        return packed;
    }

    private void AddGroup(int[] group, List<TokenizedExample> rows, int? trunk)
    {
        var prompt = rows[group[0]].Prompt;
        List<int> above = trunk is { } index ? [index] : [];
        var shared = trunk is null ? 0 : _segments[trunk.Value].Length;
        if (group.Length == 1)
        {
            var row = rows[group[0]];
            var only = Add([.. prompt.AsSpan(shared), .. row.Completion], shared, above)!.Value;
            var first = _segments[only].Start + prompt.Length - shared;
            Predict(group[0], row, prompt.Length > shared ? first - 1 : EndOf(above), first);
            return;
        }
        if (Add(prompt.AsSpan(shared), shared, above) is { } rest)
            above = [.. above, rest];
        foreach (var row in group)
        {
            if (Add(rows[row].Completion, prompt.Length, above) is { } own)
                Predict(row, rows[row], EndOf(above), _segments[own].Start);
        }
    }

    private void Predict(int row, TokenizedExample example, int beforeFirst, int first)
    {
        var count = example.Completion.Length;
        _predicting[row] = [beforeFirst, .. Enumerable.Range(first, count - 1).Select(i => (long)i)];
        _targets[row] = [.. example.Completion.Select(id => (long)id)];
    }

    private int EndOf(List<int> above) => _segments[above[^1]].Start + _segments[above[^1]].Length - 1;

    private int? Add(ReadOnlySpan<int> ids, int position, IReadOnlyList<int> ancestors)
    {
        if (ids.IsEmpty)
            return null;
        _segments.Add(new(_ids.Count, ids.Length, ancestors));
        foreach (var id in ids)
        {
            _ids.Add(id);
            _positions.Add(position++);
        }
        return _segments.Count - 1;
    }

    // The first token of a row is never predicted: without a prompt it is one.
    private static TokenizedExample Whole(TokenizedExample row) => row.Prompt.Length > 0 ? row : new(row.Completion[..1], row.Completion[1..]);

    private static int Common(List<int[]> prompts)
    {
        if (prompts.Count < 2)
            return 0;
        var common = prompts.Aggregate(prompts[0].Length, (length, prompt) => Math.Min(length, prompt.AsSpan().CommonPrefixLength(prompts[0])));
        return common >= WorthSharing ? common : 0;
    }

    /// <summary>Prompts are alike when their ids are.</summary>
    internal sealed class PromptComparer : IEqualityComparer<int[]>
    {
        public static PromptComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] prompt)
        {
            var hash = new HashCode();
            foreach (var id in prompt)
                hash.Add(id);
            return hash.ToHashCode();
        }
    }
}
