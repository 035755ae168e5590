using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>What all optimizers share: the number of steps, kept with their state, and a step that is made of its parts.</summary>
public abstract class CountingOptimizer : IOptimizer
{
    /// <param name="parameters">What is trained; not owned.</param>
    private protected CountingOptimizer(TrainedParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = parameters;
        StepCount = zeros([], dtype: ScalarType.Float32, device: parameters.Masters[0].device).DetachFromDisposeScope();
    }

    private protected TrainedParameters Parameters { get; }

    /// <summary>float32, a number; saved as "step".</summary>
    private protected Tensor StepCount { get; }

    /// <inheritdoc/>
    public abstract IEnumerable<KeyValuePair<string, Tensor>> State { get; }

    /// <inheritdoc/>
    public void Step(double rate)
    {
        Begin();
        Update([.. Enumerable.Range(0, Parameters.Names.Count)], rate);
        Parameters.Publish();
    }

    /// <inheritdoc/>
    public void Begin()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        StepCount.PlusInPlace(ones_like(StepCount));
    }

    /// <inheritdoc/>
    public abstract void Update(IReadOnlyList<int> members, double rate);

    /// <inheritdoc/>
    public abstract void Dispose();
}
