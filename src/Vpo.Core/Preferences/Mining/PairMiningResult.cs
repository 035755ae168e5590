namespace Vpo.Mining;

/// <summary>Pairs, and what became of what they could have been made from.</summary>
/// <param name="Pairs">In the order for training.</param>
/// <param name="Steps">From what was read to what was kept.</param>
public sealed record PairMiningResult(IReadOnlyList<PreferencePair> Pairs, IReadOnlyList<PairStep> Steps);

/// <summary>A figure about the way from feedback to pairs.</summary>
/// <param name="Name">In a few words.</param>
/// <param name="Count">How many.</param>
/// <param name="Says">What it counts.</param>
public sealed record PairStep(string Name, int Count, string Says);
