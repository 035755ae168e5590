namespace Vpo.Curation;

/// <summary>Counts what a step removes and keeps the examples with the smallest ids, whatever the order in which they come.</summary>
internal sealed class StepCounter(string name, string says, int examples)
{
    private readonly SortedDictionary<(string, string), StepExample> _examples = new(Comparer<(string, string)>.Create((a, b) =>
        string.CompareOrdinal(a.Item1, b.Item1) is not 0 and var first ? first : string.CompareOrdinal(a.Item2, b.Item2)));

    private int _removed;

    public void Add(string id, string query, string? because = null)
    {
        _removed++;
        if (examples == 0 || (_examples.Count == examples && string.CompareOrdinal(id, _examples.Last().Key.Item1) > 0))
            return;
        _examples.TryAdd((id, because ?? ""), new(query, because));
        if (_examples.Count > examples)
            _examples.Remove(_examples.Last().Key);
    }

    public Step Done => new(name, says, _removed, [.. _examples.Values]);
}
