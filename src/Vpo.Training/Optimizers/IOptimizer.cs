using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>Changes parameters after their gradients.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>One update of the masters, published to the parameters.</summary>
    /// <param name="rate">The learning rate.</param>
    void Step(double rate);

    /// <summary>Begins an update that is made part by part: counts the step. <see cref="Step"/> does this by itself.</summary>
    void Begin();

    /// <summary>Updates some masters, whose gradients must be complete; does not publish them. All parts of a step together equal one <see cref="Step"/>.</summary>
    /// <param name="members">Places in <see cref="TrainedParameters.Names"/>, each once a step.</param>
    /// <param name="rate">The learning rate.</param>
    void Update(IReadOnlyList<int> members, double rate);

    /// <summary>What must be saved to go on later: names and tensors, which stay the optimizer's own. Loading copies into them.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> State { get; }
}

/// <summary>Which optimizer, with its numbers.</summary>
public abstract record OptimizerOptions
{
    private protected OptimizerOptions() { }

    internal abstract IOptimizer Create(TrainedParameters parameters);
}
