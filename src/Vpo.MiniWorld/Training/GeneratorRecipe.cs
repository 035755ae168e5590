using System.Globalization;
using Vpo.Video.CogVideoX;

namespace Vpo.MiniWorld;

/// <summary>How a generator of the mini world is trained. The defaults are those of the shipped one.</summary>
public sealed record GeneratorRecipe
{
    /// <summary>Start of the weights, order of the data and noise.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Steps of the autoencoder, of 4 clips each.</summary>
    public int AutoencoderSteps { get; init; } = 2400;

    /// <summary>How many of them, from the first on, see a quarter of each picture only; the rest see whole clips.</summary>
    public int AutoencoderWindowSteps { get; init; } = 2000;

    /// <summary>Highest learning rate of the autoencoder.</summary>
    public double AutoencoderRate { get; init; } = 1e-3;

    /// <summary>Steps of transformer and text encoder, of 32 clips each.</summary>
    public int TransformerSteps { get; init; } = 1600;

    /// <summary>Highest learning rate of the transformer.</summary>
    public double TransformerRate { get; init; } = 2e-3;

    /// <summary>What part of that rate the text encoder gets.</summary>
    public double TextRateShare { get; init; } = 0.1;

    /// <summary>Clips that are rendered and encoded once, before the transformer is trained on them.</summary>
    public int BankSize { get; init; } = 8192;

    /// <summary>Width of the transformer: 4 heads of a quarter.</summary>
    public int Width { get; init; } = 128;

    /// <summary>The recipe of the second generator, which no optimizer is trained for: narrower, from another seed.</summary>
    public static GeneratorRecipe Second { get; } = new() { Seed = 2, Width = 96 };

    /// <summary>A recipe of a few steps, to try the code; what it makes is noise.</summary>
    public static GeneratorRecipe Smoke { get; } = new() { AutoencoderSteps = 3, AutoencoderWindowSteps = 2, TransformerSteps = 3, BankSize = 64, Width = 64 };

    /// <summary>All of it in one line, for the log.</summary>
    internal string Description => string.Create(CultureInfo.InvariantCulture,
        $"seed {Seed}; autoencoder {AutoencoderSteps} steps, {AutoencoderWindowSteps} of them on windows, up to {AutoencoderRate}; {BankSize} latents; transformer of width {Width} {TransformerSteps} steps up to {TransformerRate}, its text encoder at {TextRateShare} of it");

    internal const int Heads = 4, Layers = 4, TextLength = 32, TextWidth = 128, ConditionWidth = 128;

    internal static AutoencoderConfig Autoencoder(double scaling) => new()
    {
        LatentChannels = 6,
        Widths = [16, 32, 64],
        LayersPerBlock = 1,
        Groups = 8,
        SampleHeight = Renderer.Side,
        SampleWidth = Renderer.Side,
        ScalingFactor = scaling,
    };

    internal TransformerConfig Transformer() => new()
    {
        Heads = Heads,
        HeadDim = Width / Heads,
        Layers = Layers,
        InChannels = 6,
        OutChannels = 6,
        TimeWidth = ConditionWidth,
        TextWidth = TextWidth,
        MaxTextLength = TextLength,
        SampleHeight = Renderer.Side / 4,
        SampleWidth = Renderer.Side / 4,
        SampleFrames = Renderer.FrameCount,
        SpatialScale = 0.4,   // four positions an axis: far enough apart to be told
        TemporalScale = 0.4,
    };

    internal static T5Config TextEncoder() => new()
    {
        VocabularySize = MiniVocabulary.Captions.Count,
        Width = TextWidth,
        HeadDim = TextWidth / Heads,
        FeedForwardWidth = 256,
        Layers = 2,
        Heads = Heads,
    };

    /// <summary>CogVideoX-5B's noise: zero terminal signal, without the 2B model's shift.</summary>
    internal static NoiseScheduleConfig Noise() => new() { SnrShift = 1 };
}
