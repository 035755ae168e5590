using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Classifier-free guidance (arXiv 2207.12598): away from what an empty or negative prompt gives.</summary>
/// <param name="Scale">How far; 1 or below: not at all, one pass instead of two.</param>
/// <param name="Dynamic">use_dynamic_cfg, recommended with 5B and 1.5: the scale follows the timestep.</param>
public readonly record struct Guidance(double Scale, bool Dynamic = false)
{
    private const int Sharpness = 5;

    /// <summary>Whether there are two passes.</summary>
    public bool IsOn => Scale > 1;

    /// <summary>The scale at a timestep.</summary>
    /// <remarks>Dynamic: 1 + s (1 − cos(π ((N − t)/N)⁵))/2 with the raw timestep t, as diffusers has it. Since t is much greater than N the values jump between 1 and 1 + s; that is what the models are published with.</remarks>
    public double At(int timestep, int steps) => Dynamic
        ? 1 + Scale * ((1 - Math.Cos(Math.PI * Math.Pow((steps - timestep) / (double)steps, Sharpness))) / 2)
        : Scale;

    /// <summary>v_without + scale · (v_with − v_without), float32.</summary>
    /// <param name="both">Velocities without, then with the prompt, [2B, ...].</param>
    /// <param name="scale">The scale at this timestep.</param>
    public static Tensor Combine(Tensor both, double scale)
    {
        ArgumentNullException.ThrowIfNull(both);
        using var scope = NewDisposeScope();
        var parts = both.chunk(2, 0);
        return parts[0].Plus(parts[1].Minus(parts[0]).Times(scale)).MoveToOuterDisposeScope();
    }
}
