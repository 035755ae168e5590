namespace Vpo.Training.Groups;

/// <summary>What processes of a group owe each other.</summary>
internal static class WorkGroupExtensions
{
    /// <summary>Runs what all processes run; one that fails or is cancelled ends all of them, because the others would wait for its gradients for ever.</summary>
    /// <param name="group">Null: this process is alone.</param>
    /// <param name="work">Its part.</param>
    public static T RunTogether<T>(this IWorkGroup? group, Func<T> work)
    {
        if (group is not { Size: > 1 })
            return work();
        try
        {
            return work();
        }
        catch (Exception e) when (e is not TrainingStoppedException)   // that one has ended them already
        {
            group.Abort(e is OperationCanceledException ? "training was cancelled." : $"{e.GetType().Name}: {e.Message}");
            throw;
        }
    }
}
