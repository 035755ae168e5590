namespace Vpo.Rewards.Checklists;

/// <summary>What a model said to one question.</summary>
/// <param name="Answer">As it was read.</param>
/// <param name="Probability">Chance of yes among yes and no, from 0 to 1; null where the model does not say.</param>
/// <param name="Text">Its words where they are neither exactly "yes" nor "no"; null otherwise.</param>
public readonly record struct ChecklistReply(Answer Answer, double? Probability = null, string? Text = null);

/// <summary>A clip that can be asked, several times.</summary>
internal interface IAskedClip : IDisposable
{
    /// <summary>Asks questions by their indices in the checklist; replies are in the same order.</summary>
    /// <exception cref="VideoRewardException">The clip can't be asked.</exception>
    Task<IReadOnlyList<ChecklistReply>> AskAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken);
}
