namespace Vpo.Curation;

/// <summary>A row of a data set: a query, or what is wrong with it.</summary>
/// <param name="Place">File and row, for messages.</param>
/// <param name="Query">The query; null when the row is damaged.</param>
/// <param name="Damage">What was expected and found; null when the row is good.</param>
public readonly record struct SourceRow(string Place, SourceQuery? Query, string? Damage)
{
    /// <summary>A good row.</summary>
    public static SourceRow Good(string place, SourceQuery query) => new(place, query, null);

    /// <summary>A row that can't be read.</summary>
    public static SourceRow Damaged(string place, string damage) => new(place, null, damage);
}
