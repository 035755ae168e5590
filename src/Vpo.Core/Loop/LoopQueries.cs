namespace Vpo;

/// <summary>The queries of a run, in three sets that share none.</summary>
/// <param name="Sft">For demonstrations.</param>
/// <param name="Preference">For preference pairs.</param>
/// <param name="Evaluation">Held out: used for the table alone.</param>
public sealed record LoopQueries(IReadOnlyList<Query> Sft, IReadOnlyList<Query> Preference, IReadOnlyList<Query> Evaluation)
{
    /// <summary>Without repetitions.</summary>
    /// <exception cref="ArgumentException">A set is empty, or a held-out query occurs in training.</exception>
    internal LoopQueries Checked()
    {
        LoopQueries unique = new([.. Sft.DistinctBy(q => q.Id)], [.. Preference.DistinctBy(q => q.Id)], [.. Evaluation.DistinctBy(q => q.Id)]);
        if (Sft.Count == 0 || Preference.Count == 0 || Evaluation.Count == 0)
            throw new ArgumentException($"expected queries in all three sets, found {Sft.Count} for SFT, {Preference.Count} for pairs, {Evaluation.Count} for evaluation");
        var trained = unique.Sft.Concat(unique.Preference).Select(q => q.Id).ToHashSet();
        if (unique.Evaluation.FirstOrDefault(q => trained.Contains(q.Id)) is { } leak)
            throw new ArgumentException($"expected held-out queries, found one of training: \"{leak.Text}\". Remove it from either set");
        return unique;
    }
}
