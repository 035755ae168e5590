namespace Vpo.Statistics;

/// <summary>How items fall into classes, each share with Wilson's interval and n.</summary>
/// <typeparam name="T">The class.</typeparam>
/// <param name="Count">Items in all, those without a class included.</param>
/// <param name="Unclear">Items without a class: they are in n and in no share.</param>
public sealed record Shares<T>(int Count, int Unclear) where T : struct, Enum
{
    /// <summary>Each class with its share of all items.</summary>
    public required IReadOnlyDictionary<T, Estimate> Of { get; init; }
}

/// <summary>Counts of classes.</summary>
public static class Shares
{
    /// <summary>Counts items by class; every class of the enumeration has a share, 0 included.</summary>
    /// <param name="classes">One an item; null where there is none. At least one item.</param>
    /// <param name="confidence">Coverage of the intervals.</param>
    public static Shares<T> Count<T>(IEnumerable<T?> classes, double confidence = 0.95) where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(classes);
        List<T?> all = [.. classes];
        if (all.Count == 0)
            throw new ArgumentException("expected at least one item, found none", nameof(classes));
        return new(all.Count, all.Count(c => c is null))
        {
            Of = Enum.GetValues<T>().ToDictionary(c => c, c => Proportion.Wilson(all.Count(a => a is { } found && EqualityComparer<T>.Default.Equals(found, c)), all.Count, confidence)),
        };
    }

    /// <summary>The paper's text-alignment table for one method: every prompt in one of four classes; a misaligned one whose judge named no class is imprecise.</summary>
    /// <param name="verdicts">One a prompt.</param>
    public static Shares<AlignmentClass> Alignment(IEnumerable<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        return Count(verdicts.Select(ClassOf));
    }

    internal static AlignmentClass? ClassOf(Verdict verdict) => verdict.Judgement switch
    {
        Judgement.Aligned => AlignmentClass.Aligned,
        Judgement.Misaligned => verdict.Class is { } alignment and not AlignmentClass.Aligned ? alignment : AlignmentClass.Imprecise,
        _ => null,
    };
}
