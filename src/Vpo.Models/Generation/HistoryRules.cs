namespace Vpo.Models.Generation;

/// <summary>Changes to logits that depend on the ids so far (prompt and answer), with the arithmetic of Hugging Face's processors of the same names.</summary>
internal static class HistoryRules
{
    public static void RepetitionPenalty(Span<float> scores, ReadOnlySpan<int> history, float penalty)
    {
        var seen = new HashSet<int>();
        foreach (var id in history)
        {
            if (seen.Add(id))
                scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
        }
    }

    /// <summary>Forbids every id that would complete a run of <paramref name="size"/> ids that already occurred.</summary>
    public static void NoRepeatNgram(Span<float> scores, ReadOnlySpan<int> history, int size)
    {
        if (history.Length + 1 < size)
            return;
        var tail = history[^(size - 1)..];
        for (var end = size - 1; end < history.Length; end++)
        {
            if (history[(end - size + 1)..end].SequenceEqual(tail))
                scores[history[end]] = float.NegativeInfinity;
        }
    }

    public static void BadWords(Span<float> scores, ReadOnlySpan<int> history, IReadOnlyList<IReadOnlyList<int>> words, IReadOnlyList<int> stops)
    {
        foreach (var word in words)
        {
            if (word.Count == 0 || word.Count > Math.Max(1, history.Length) || (word.Count == 1 && stops.Contains(word[0])))
                continue;
            if (EndsWith(history, word, word.Count - 1) && word[^1] < scores.Length)
                scores[word[^1]] = float.NegativeInfinity;
        }
    }

    public static void Forbid(Span<float> scores, IReadOnlyList<int> ids)
    {
        foreach (var id in ids)
        {
            if ((uint)id < (uint)scores.Length)
                scores[id] = float.NegativeInfinity;
        }
    }

    private static bool EndsWith(ReadOnlySpan<int> history, IReadOnlyList<int> word, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (history[history.Length - count + i] != word[i])
                return false;
        }
        return true;
    }
}
