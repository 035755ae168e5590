using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>The updates of one backward pass after the other.</summary>
/// <param name="parameters">Made without kept gradients; not owned.</param>
/// <param name="optimizer">Of the same parameters; not owned.</param>
internal sealed class BackwardUpdates(TrainedParameters parameters, IOptimizer optimizer)
{
    private readonly Dictionary<IntPtr, int> _places = parameters.Parameters.Select((p, i) => (p.Handle, i)).ToDictionary();
    private readonly HashSet<int> _left = [];
    private double _rate, _squares;

    /// <summary>Before the backward pass.</summary>
    public void Begin(double rate)
    {
        (_rate, _squares) = (rate, 0);
        _left.UnionWith(_places.Values);
        optimizer.Begin();
    }

    /// <summary>Updates parameters whose gradients are whole. Those that are not trained are passed over.</summary>
    /// <exception cref="NotFiniteNumberException">A gradient is not finite; its parameters are as they were.</exception>
    public void Complete(IEnumerable<Parameter> completed)
    {
        var members = completed.Select(p => _places.TryGetValue(p.Handle, out var i) ? i : -1).Where(i => i >= 0).Distinct().ToArray();
        if (!_left.IsSupersetOf(members))
            throw new InvalidOperationException($"'{parameters.Names[members.First(i => !_left.Contains(i))]}' has been updated before in this pass.");
        Update(members);
    }

    /// <summary>After the backward pass: updates what has not been named.</summary>
    /// <returns>The norm of the gradient over all parameters.</returns>
    public double End()
    {
        foreach (var i in _left.Order().ToArray())
            Update([i]);
        return Math.Sqrt(_squares);
    }

    private void Update(int[] members)
    {
        if (members.Length == 0)
            return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        try
        {
            foreach (var i in members)
                parameters.Gradients[i] = Taken(parameters.Parameters[i]);
            double norm = FusedKernels.Norm(Array.ConvertAll(members, i => parameters.Gradients[i])).item<float>();
            if (!double.IsFinite(norm))
                throw new NotFiniteNumberException($"the gradient of {parameters.Names[members[0]]} or a parameter beside it is not finite.", norm);
            _squares += norm * norm;
            optimizer.Update(members, _rate);
            parameters.Publish(members);
        }
        finally
        {
            Array.ForEach(members, Free);
        }
        _left.ExceptWith(members);
    }

    private static Tensor Taken(Parameter parameter) => parameter.grad is { } gradient ? gradient.to(ScalarType.Float32) : zeros_like(parameter, dtype: ScalarType.Float32);

    private void Free(int i)
    {
        parameters.Gradients[i] = null!;   // the scope frees it
        parameters.Parameters[i].grad = null;
    }
}
