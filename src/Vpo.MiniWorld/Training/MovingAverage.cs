using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>An exponential moving average of parameters: what is kept of a diffusion model, since its last step is noisier than the mean of many.</summary>
internal sealed class MovingAverage(IReadOnlyList<Tensor> parameters, double decay) : IDisposable
{
    private readonly Tensor[] _averages = [.. parameters.Select(p => p.detach().clone().DetachFromDisposeScope())];
    private int _updates;

    /// <summary>Takes the parameters in. Early on the average follows them more closely.</summary>
    public void Update()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        _updates++;
        var weight = tensor((float)(1 - Math.Min(decay, (1.0 + _updates) / (10 + _updates))));
        for (var i = 0; i < _averages.Length; i++)
            _averages[i].lerp_(parameters[i], weight);
    }

    /// <summary>Puts the averages in the place of the parameters.</summary>
    public void Publish()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < _averages.Length; i++)
            parameters[i].copy_(_averages[i]);
    }

    public void Dispose()
    {
        foreach (var average in _averages)
            average.Dispose();
    }
}
