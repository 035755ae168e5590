namespace Vpo.Video.CogVideoX;

/// <summary>Which sampler a run uses.</summary>
public enum SamplerKind
{
    /// <summary>Deterministic; for CogVideoX-2B.</summary>
    Ddim,

    /// <summary>Stochastic, second order; for 5B and 1.5.</summary>
    Dpm,
}
