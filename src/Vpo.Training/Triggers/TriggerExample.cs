namespace Vpo.Training;

/// <summary>A row with a place for triggers.</summary>
/// <param name="Before">Ids before the triggers.</param>
/// <param name="After">Ids after them and before the completion.</param>
/// <param name="Completion">Ids that triggers are to make likely; at least one.</param>
public sealed record TriggerExample(int[] Before, int[] After, int[] Completion)
{
    /// <summary>The row with triggers in their place; none gives the row as it was.</summary>
    public TokenizedExample With(IReadOnlyList<int> triggers) => new([.. Before, .. triggers, .. After], Completion);
}

/// <summary>What a <see cref="TriggerSearch"/> found. Losses are mean negative log-likelihoods of a completion's token on the held examples, in nats.</summary>
/// <param name="Ids">The triggers.</param>
/// <param name="LossWithout">Without any trigger.</param>
/// <param name="LossBefore">With the triggers that the search began with, drawn by seed.</param>
/// <param name="LossAfter">With these.</param>
public sealed record FoundTriggers(IReadOnlyList<int> Ids, double LossWithout, double LossBefore, double LossAfter);
