using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>An exponential moving average of parameters: what is kept of a diffusion model, since its last step is noisier than the mean of many.</summary>
internal sealed class MovingAverage(IReadOnlyList<Tensor> parameters, double decay) : IDisposable
{
    private readonly Tensor[] _averages = [.. parameters.Select(p => p.detach().clone().DetachFromDisposeScope())];

    /// <summary>The averages, in the order of the parameters.</summary>
    public IReadOnlyList<Tensor> Values => _averages;

    /// <summary>Takes the parameters in. Early on the average follows them more closely.</summary>
    /// <param name="step">Steps done before this one.</param>
    public void Update(int step)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var weight = tensor((float)(1 - Math.Min(decay, (2.0 + step) / (11 + step))));
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
