using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>What the encoder says of a video: a normal distribution over latents.</summary>
/// <param name="Moments">Means, then log-variances, along the channels: [B, 2C, F, h, w].</param>
public readonly record struct Posterior(Tensor Moments)
{
    private const double LowestLogVariance = -30, HighestLogVariance = 20;

    /// <summary>The most likely latents, [B, C, F, h, w].</summary>
    public Tensor Mean() => Moments.narrow(1, 0, Moments.shape[1] / 2);

    /// <summary>Log-variances, limited to −30 .. 20.</summary>
    public Tensor LogVariance()
    {
        using var raw = Moments.narrow(1, Moments.shape[1] / 2, Moments.shape[1] / 2);
        return raw.Within(LowestLogVariance, HighestLogVariance);
    }

    /// <summary>Standard deviations.</summary>
    public Tensor Deviation()
    {
        using var scope = NewDisposeScope();
        return LogVariance().Times(0.5).exp().MoveToOuterDisposeScope();
    }

    /// <summary>mean + deviation · noise.</summary>
    /// <param name="noise">Standard normal, of the shape of the mean.</param>
    public Tensor Sample(Tensor noise)
    {
        using var scope = NewDisposeScope();
        return Mean().addcmul(Deviation(), noise, Scalars.One).MoveToOuterDisposeScope();
    }
}
