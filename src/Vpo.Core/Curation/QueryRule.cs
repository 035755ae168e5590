namespace Vpo.Curation;

/// <summary>A named reason to leave a query out.</summary>
/// <param name="Name">Short, such as "too-short"; the report counts by it.</param>
/// <param name="Says">One sentence for the report, numbers included.</param>
/// <param name="Removes">Whether the query goes. Called from several threads; the same query must get the same answer.</param>
public sealed record QueryRule(string Name, string Says, Func<QueryFacts, bool> Removes);
