using Vpo.Models.Decoding;

namespace Vpo.Models.Generation;

/// <summary>Writes answers with an engine: an answer that ends leaves at once, and the next one takes its place.</summary>
internal sealed unsafe class EngineRun(LlamaEngine engine, bool fast, SamplingOptions options, Action<int, int>? onToken) : IDisposable
{
    private const int RowsOfAPass = 512, WorthSharing = 16;
    private const int LibraryRows = 6;   // from here on libtorch is faster in bfloat16 (measured)
    private const long WorthHelp = 1 << 18;   // logits to choose from

    private readonly Workspace _space = engine.Rent();
    private readonly RowChooser _chooser = new(options, engine.Vocabulary);
    private readonly List<Writing> _rows = [];

    private sealed record Writing(Answer Answer, Strand Strand)
    {
        public int[] Next { get; } = new int[1];
    }

    private sealed record Reading(PromptGroup Group, Strand Strand);

    /// <param name="answers">To write.</param>
    /// <param name="most">Answers that are written at once.</param>
    /// <param name="cancellationToken">Looked at between tokens.</param>
    public void Run(IReadOnlyList<Answer> answers, int most, CancellationToken cancellationToken)
    {
        var groups = PromptGroup.Of(answers);
        ReadShared(groups, cancellationToken);
        var waiting = new Queue<PromptGroup>(groups.SelectMany(g => g.Answers.Chunk(most).Select(part => g with { Answers = [.. part] })));
        while (waiting.Count > 0 || _rows.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_rows.Count == 0 || most - _rows.Count >= Math.Max(1, most / 8))   // several prompts at a time are cheaper to read
                Admit(waiting, most, cancellationToken);
            if (_rows.Count > 0)
                Step();
        }
    }

    public void Dispose() => engine.Return(_space);

    private Span<float> LogitsOf(int row) => new(_space.Logits + (nint)row * engine.Vocabulary, engine.Vocabulary);

    /// <summary>A beginning that all prompts share is read once, and remembered for later calls.</summary>
    private void ReadShared(List<PromptGroup> groups, CancellationToken cancellationToken)
    {
        var length = groups.Count > 1 ? PromptGroup.SharedLength([.. groups.Select(g => g.Prompt)]) : 0;
        if (length < WorthSharing)
            return;
        var prompt = groups[0].Prompt[..length];
        Read([new(new(prompt, []), engine.Prefixes.Begin(prompt, engine.Shape))], cancellationToken);
    }

    private void Admit(Queue<PromptGroup> waiting, int most, CancellationToken cancellationToken)
    {
        var admitted = new List<Reading>();
        for (var free = most - _rows.Count; waiting.TryPeek(out var group) && group.Answers.Count <= free; free -= group.Answers.Count)
            admitted.Add(new(waiting.Dequeue(), engine.Prefixes.Begin(group.Prompt, engine.Shape)));
        if (admitted.Count > 0)
            Read(admitted, cancellationToken);
    }

    /// <summary>Reads what is left of prompts, some hundred tokens at a time, and chooses the first id of each answer.</summary>
    private void Read(List<Reading> prompts, CancellationToken cancellationToken)
    {
        for (var first = 0; first < prompts.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (feeds, done, room) = (new List<Feed>(), new List<Reading>(), RowsOfAPass);
            while (room > 0 && first < prompts.Count)
            {
                var (group, strand) = prompts[first];
                var count = Math.Min(room, group.Prompt.Length - strand.Length);
                var isLast = strand.Length + count == group.Prompt.Length;
                feeds.Add(new(strand, group.Prompt.AsMemory(strand.Length, count), isLast && group.Answers.Count > 0));
                room -= count;
                if (!isLast)
                    break;
                done.Add(prompts[first++]);
            }
            engine.Forward(feeds, inLibrary: true, _space);
            Begin(done, prompts.Count == 1);
        }
    }

    private void Begin(List<Reading> prompts, bool isOnlyOne)
    {
        var row = 0;
        foreach (var (group, strand) in prompts)
        {
            if (isOnlyOne)
                engine.Prefixes.Keep(group.Prompt, strand);
            if (group.Answers.Count == 0)
                continue;
            var logits = LogitsOf(row++);
            foreach (var answer in group.Answers)
            {
                var writing = new Writing(answer, strand.Fork(strand.Length));
                writing.Next[0] = _chooser.Choose(group.Answers.Count == 1 ? logits : logits.ToArray(), answer);
                if (Accept(writing))
                    _rows.Add(writing);
            }
        }
    }

    private void Step()
    {
        engine.Forward(_rows.ConvertAll(row => new Feed(row.Strand, row.Next, WantsLogits: true)), inLibrary: fast && _rows.Count >= LibraryRows, _space);
        using (var team = Crew.Shared.Take((long)_rows.Count * engine.Vocabulary >= WorthHelp && _rows.Count > 1))
        {
            team.For(_rows.Count, 1, (first, end) =>
            {
                for (var row = first; row < end; row++)
                    _rows[row].Next[0] = _chooser.Choose(LogitsOf(row), _rows[row].Answer);
            });
        }
        _rows.RemoveAll(row => !Accept(row));
    }

    /// <summary>Adds the chosen id to its answer. False when that ends it.</summary>
    private bool Accept(Writing row)
    {
        if (row.Answer.Add(row.Next[0], options))
            onToken?.Invoke(row.Answer.Index, row.Next[0]);
        return !row.Answer.IsFinished;
    }
}
