using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Vpo;

/// <summary>Numbers of the method, bound from configuration and checked when the host starts.</summary>
public sealed class VpoOptions
{
    /// <summary>Whose rules of pair mining to keep; <see cref="Gap"/> goes before it.</summary>
    /// <value>Default: <see cref="VpoPreset.Default"/>.</value>
    [EnumDataType(typeof(VpoPreset))]
    public VpoPreset Preset { get; set; } = VpoPreset.Default;

    /// <summary>Prompts sampled for each query when pairs are mined (K in the paper).</summary>
    /// <value>From 1 to 64; default 4.</value>
    [Range(1, 64)]
    public int Samples { get; set; } = 4;

    /// <summary>Temperature at which pairs are sampled.</summary>
    /// <value>From 0 to 2; default 0.9, as released.</value>
    [Range(0.0, 2.0)]
    public double SampleTemperature { get; set; } = 0.9;

    /// <summary>Nucleus of sampling for pairs.</summary>
    /// <value>From 0.01 to 1; default 0.9, as released.</value>
    [Range(0.01, 1.0)]
    public double SampleTopP { get; set; } = 0.9;

    /// <summary>Temperature of prompts for users.</summary>
    /// <value>From 0 to 2; default 0.7, as released.</value>
    [Range(0.0, 2.0)]
    public double Temperature { get; set; } = 0.7;

    /// <summary>Nucleus of prompts for users.</summary>
    /// <value>From 0.01 to 1; default 1: off.</value>
    [Range(0.01, 1.0)]
    public double TopP { get; set; } = 1.0;

    /// <summary>Temperature of the judge.</summary>
    /// <value>From 0 to 2; default 0, so that a verdict can be had again. The released judge uses 0.7.</value>
    [Range(0.0, 2.0)]
    public double JudgeTemperature { get; set; }

    /// <summary>Least difference in video score that makes a pair, on the scale of the reward; null takes the preset's 0.5.</summary>
    /// <value>From 0 to 1000; default null.</value>
    [Range(0.0, 1000.0)]
    public double? Gap { get; set; }

    /// <summary>Most tokens that a language model may write in one reply.</summary>
    /// <value>From 16 to 32768; default 2048, as released.</value>
    [Range(16, 32768)]
    public int MaxTokens { get; set; } = 2048;
}

/// <summary>Checks the ranges that <see cref="VpoOptions"/> declares.</summary>
[OptionsValidator]
internal sealed partial class VpoOptionsValidator : IValidateOptions<VpoOptions>;
