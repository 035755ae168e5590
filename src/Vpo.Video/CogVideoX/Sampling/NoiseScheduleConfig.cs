using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>How the timesteps of a run are spread over those of training.</summary>
public enum TimestepSpacing
{
    /// <summary>From the last one down in even steps: what CogVideoX is published with.</summary>
    Trailing,

    /// <summary>From the first one up in even steps.</summary>
    Leading,

    /// <summary>Both ends included.</summary>
    Linspace,
}

/// <summary>The numbers of a noise schedule for velocity prediction; names in comments are those of scheduler_config.json. The defaults are CogVideoX-2B's.</summary>
public sealed record NoiseScheduleConfig
{
    /// <summary>num_train_timesteps.</summary>
    public int TrainTimesteps { get; init; } = 1000;

    /// <summary>beta_start.</summary>
    public double BetaStart { get; init; } = 0.00085;

    /// <summary>beta_end.</summary>
    public double BetaEnd { get; init; } = 0.012;

    /// <summary>beta_schedule: scaled_linear (square roots in even steps) or, if false, linear.</summary>
    public bool ScaledLinear { get; init; } = true;

    /// <summary>rescale_betas_zero_snr: the last timestep is pure noise.</summary>
    public bool ZeroTerminalSnr { get; init; } = true;

    /// <summary>set_alpha_to_one: the last step ends without noise; else at timestep 0.</summary>
    public bool EndsClean { get; init; } = true;

    /// <summary>timestep_spacing.</summary>
    public TimestepSpacing Spacing { get; init; } = TimestepSpacing.Trailing;

    /// <summary>steps_offset, added to leading timesteps.</summary>
    public int StepsOffset { get; init; }

    /// <summary>snr_shift_scale: 3 for CogVideoX-2B, 1 for 5B and 1.5.</summary>
    public double SnrShift { get; init; } = 3;

    /// <summary>_class_name: CogVideoXDDIMScheduler or CogVideoXDPMScheduler. Both read the same numbers.</summary>
    public SamplerKind Sampler { get; init; }

    /// <summary>Reads a scheduler_config.json of diffusers.</summary>
    /// <exception cref="CheckpointException">A key is wrong, or asks for what is not supported; the message names it.</exception>
    public static NoiseScheduleConfig Open(string path) => Read(ConfigReader.Open(path));

    internal static NoiseScheduleConfig Read(ConfigReader json)
    {
        if (json.Has("trained_betas"))
            throw new CheckpointException($"'{json.Location}': trained_betas are not supported; expected null.");
        if (json.Flag("clip_sample", true))
            throw new CheckpointException($"'{json.Location}': clip_sample is not supported; expected false.");
        if (json.Text("prediction_type") is var prediction && prediction != "v_prediction")
            throw new CheckpointException($"'{json.Location}': prediction_type '{prediction ?? "epsilon"}' is not supported; expected 'v_prediction'.");
        return new()
        {
            TrainTimesteps = (int)json.Integer("num_train_timesteps", 1000, min: 2, max: 1 << 20),
            BetaStart = json.Number("beta_start", 0.00085),
            BetaEnd = json.Number("beta_end", 0.012),
            ScaledLinear = Named(json, "beta_schedule", "scaled_linear", ("scaled_linear", true), ("linear", false)),
            ZeroTerminalSnr = json.Flag("rescale_betas_zero_snr", true),
            EndsClean = json.Flag("set_alpha_to_one", true),
            Spacing = Named(json, "timestep_spacing", "leading",
                ("trailing", TimestepSpacing.Trailing), ("leading", TimestepSpacing.Leading), ("linspace", TimestepSpacing.Linspace)),
            StepsOffset = (int)json.Integer("steps_offset", 0, min: 0),
            SnrShift = json.Number("snr_shift_scale", 3),
            Sampler = Named(json, "_class_name", "CogVideoXDDIMScheduler", ("CogVideoXDDIMScheduler", SamplerKind.Ddim), ("CogVideoXDPMScheduler", SamplerKind.Dpm)),
        };
    }

    private static T Named<T>(ConfigReader json, string key, string fallback, params (string Name, T Value)[] choices)
    {
        var found = json.Text(key) ?? fallback;
        foreach (var (name, value) in choices)
        {
            if (name == found)
                return value;
        }
        throw new CheckpointException($"'{json.Location}': {key} '{found}' is not supported; expected {string.Join(" or ", choices.Select(c => $"'{c.Name}'"))}.");
    }
}
