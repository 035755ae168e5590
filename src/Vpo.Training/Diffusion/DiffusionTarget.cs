using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>What a denoising model predicts of a noisy sample x = √ā·x₀ + √(1 − ā)·n.</summary>
public enum DiffusionTarget
{
    /// <summary>v = √ā·n − √(1 − ā)·x₀: CogVideoX ("v_prediction").</summary>
    Velocity,

    /// <summary>n: Stable Diffusion ("epsilon").</summary>
    Noise,

    /// <summary>x₀ ("sample").</summary>
    Clean,
}

/// <summary>The arithmetic of noising, float32: in bfloat16 small noise is rounded to none.</summary>
internal static class Noising
{
    /// <summary>√ā·x₀ + √(1 − ā)·n.</summary>
    /// <param name="clean">x₀, [B, ...].</param>
    /// <param name="noise">n, of the same shape.</param>
    /// <param name="signal">ā of each sample, float32 [B].</param>
    public static Tensor Noisy(Tensor clean, Tensor noise, Tensor signal)
    {
        using var scope = NewDisposeScope();
        var (root, rest) = Roots(clean, signal);
        return root.mul(clean).Plus(rest.mul(noise)).MoveToOuterDisposeScope();
    }

    /// <summary>What should be predicted.</summary>
    public static Tensor Target(DiffusionTarget target, Tensor clean, Tensor noise, Tensor signal)
    {
        using var scope = NewDisposeScope();
        var (root, rest) = Roots(clean, signal);
        var wanted = target switch
        {
            DiffusionTarget.Velocity => root.mul(noise).Minus(rest.mul(clean)),
            DiffusionTarget.Noise => noise.alias(),
            _ => clean.alias(),
        };
        return wanted.MoveToOuterDisposeScope();
    }

    private static (Tensor Signal, Tensor Noise) Roots(Tensor clean, Tensor signal)
    {
        var shaped = signal.view([-1, .. Enumerable.Repeat(1L, (int)clean.dim() - 1)]);
        return (shaped.sqrt(), shaped.neg().Plus(1).sqrt());
    }
}
