using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>The numbers of the causal video autoencoder; names in comments are those of diffusers' vae/config.json. The defaults are CogVideoX-2B's.</summary>
public sealed record AutoencoderConfig
{
    /// <summary>in_channels and out_channels: red, green, blue.</summary>
    public long Channels { get; init; } = 3;

    /// <summary>latent_channels.</summary>
    public long LatentChannels { get; init; } = 16;

    /// <summary>block_out_channels: width of each level; every level but the last halves height and width.</summary>
    public IReadOnlyList<long> Widths { get; init; } = [128, 256, 256, 512];

    /// <summary>layers_per_block of the encoder; the decoder has one more.</summary>
    public int LayersPerBlock { get; init; } = 3;

    /// <summary>norm_num_groups; divides every width.</summary>
    public long Groups { get; init; } = 32;

    /// <summary>norm_eps.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>temporal_compression_ratio: video frames per latent frame, a power of two.</summary>
    public int FramesPerLatent { get; init; } = 4;

    /// <summary>sample_height: pixels down; twice the default tile.</summary>
    public int SampleHeight { get; init; } = 480;

    /// <summary>sample_width: pixels across.</summary>
    public int SampleWidth { get; init; } = 720;

    /// <summary>scaling_factor: the transformer sees latents times this.</summary>
    public double ScalingFactor { get; init; } = 1.15258426;

    /// <summary>invert_scale_latents: image conditions are divided by the factor instead (1.5).</summary>
    public bool InvertScale { get; init; }

    /// <summary>use_quant_conv: a 1x1x1 convolution behind the encoder.</summary>
    public bool QuantConvolution { get; init; }

    /// <summary>use_post_quant_conv: a 1x1x1 convolution before the decoder.</summary>
    public bool PostQuantConvolution { get; init; }

    /// <summary>Pixels down or across per latent pixel.</summary>
    public int PixelsPerLatent => 1 << (Widths.Count - 1);

    /// <summary>How many levels also halve time.</summary>
    internal int TimeLevels => int.Log2(FramesPerLatent);

    /// <summary>Reads a config.json of diffusers.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or asks for what is not supported; the message names it.</exception>
    public static AutoencoderConfig Open(string path) => Read(ConfigReader.Open(path));

    internal static AutoencoderConfig Read(ConfigReader json)
    {
        TransformerConfig.Expect(json, "_class_name", "AutoencoderKLCogVideoX");
        TransformerConfig.Expect(json, "act_fn", "silu");
        foreach (var key in (string[])["shift_factor", "latents_mean", "latents_std"])
        {
            if (json.Has(key))
                throw new CheckpointException($"'{json.Location}': {key} is not supported; expected null.");
        }
        var channels = json.Integer("out_channels", 3, max: 64);
        if (json.Integer("in_channels", 3) != channels)
            throw new CheckpointException($"'{json.Location}': in_channels must equal out_channels ({channels}).");
        return new AutoencoderConfig
        {
            Channels = channels,
            LatentChannels = json.Integer("latent_channels", 16, max: 1024),
            Widths = json.Ids("block_out_channels") is { Count: > 0 } widths ? [.. widths] : [128, 256, 256, 512],
            LayersPerBlock = (int)json.Integer("layers_per_block", 3, max: 64),
            Groups = json.Integer("norm_num_groups", 32),
            NormEpsilon = json.Number("norm_eps", 1e-6),
            FramesPerLatent = (int)json.Integer("temporal_compression_ratio", 4, max: 64),
            SampleHeight = (int)json.Integer("sample_height", 480),
            SampleWidth = (int)json.Integer("sample_width", 720),
            ScalingFactor = json.Number("scaling_factor", 1.15258426),
            InvertScale = json.Flag("invert_scale_latents", false),
            QuantConvolution = json.Flag("use_quant_conv", false),
            PostQuantConvolution = json.Flag("use_post_quant_conv", false),
        }.Checked(json.Location);
    }

    /// <summary>Throws when numbers do not fit together.</summary>
    internal AutoencoderConfig Checked(string location)
    {
        string? wrong = Widths.Any(width => width < 1 || width % Groups != 0) ? $"block_out_channels ({string.Join(", ", Widths)}) must be multiples of norm_num_groups ({Groups})"
            : !int.IsPow2(FramesPerLatent) || TimeLevels >= Widths.Count ? $"temporal_compression_ratio must be a power of two below 2^{Widths.Count}, it is {FramesPerLatent}"
            : (QuantConvolution || PostQuantConvolution) && LatentChannels != Channels ? $"use_quant_conv needs latent_channels = out_channels, found {LatentChannels} and {Channels}"
            : null;
        return wrong is null ? this : throw new CheckpointException($"'{location}': {wrong}.");
    }
}
