using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Numbers of the reference for models and inputs given by formulas.</summary>
public sealed class ClosedFormTests
{
    private static readonly TransformerConfig Base = new()
    {
        Heads = 2,
        HeadDim = 16,
        Layers = 2,
        InChannels = 4,
        OutChannels = 4,
        TimeWidth = 16,
        TextWidth = 8,
        MaxTextLength = 6,
        SampleHeight = 6,
        SampleWidth = 8,
        SampleFrames = 9,
    };

    private static readonly AutoencoderConfig Vae = new() { Widths = [8, 8, 8, 16], LatentChannels = 4, LayersPerBlock = 1, Groups = 2, SampleHeight = 32, SampleWidth = 48 };

    public static TheoryData<string, long[], double[], double> Transformers() => new()
    {
        { "A", [2, 3, 4, 6, 8], [0.7973893, -0.3396284, 0.6998270, -0.3266411], 0.024562215 },
        { "B", [2, 2, 4, 8, 8], [0.7798392, -0.3308175, 0.6998467, -0.3207425], 0.025177526 },
        { "C", [2, 3, 4, 6, 8], [1.7913016, -1.4010538, 1.9684902, -1.6460310], 0.022661932 },
        { "C2", [2, 2, 4, 8, 8], [1.8938303, -1.5271410, 2.0839653, -1.7670549], 0.022193819 },
        { "D", [2, 4, 4, 6, 8], [0.9500304, -0.5339082, 0.9671708, -0.4852222], 0.026808486 },
        { "E", [2, 3, 8, 6, 8], [0.9999704, -0.8670586, 2.4795535, -1.7477338], 0.018434489 },
        { "F", [2, 4, 8, 6, 8], [0.7977787, 0.4618341, 1.1100366, -0.2549714], 0.021499848 },
    };

    private static TransformerConfig Variant(string name) => name switch
    {
        "A" or "B" => Base,
        "C" or "C2" => Base with { Rotary = true },
        "D" => Base with { Rotary = true, FramePatch = 2 },
        "E" => Base with { Rotary = true, LearnedPositions = true, InChannels = 8 },
        _ => Base with { Rotary = true, FramePatch = 2, InChannels = 8, OfsWidth = 16 },
    };

    [Theory, MemberData(nameof(Transformers))]
    public void Transformer_EveryVariant_GivesTheReferenceNumbers(string name, long[] shape, double[] first, double mean)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Formula.Build(weights => new CogVideoXTransformer(Variant(name), weights));
        var output = model.forward(Formula.Wave(0.5, shape), tensor(new[] { 999L, 479 }, device: Golden.Device), Formula.Wave(0.1, 2, 6, 8));
        AssertNear(first, mean, output, 1e-5);
    }

    [Theory]
    [InlineData(1, 1, new[] { 0.1421516, 0.0986902, 0.0751745 }, -0.031134021)]
    [InlineData(2, 8, new[] { 0.1362016, 0.1103654, 0.1194280 }, -0.030195250)]
    [InlineData(3, 9, new[] { 0.1435789, 0.0850860, 0.0707602 }, -0.030953061)]
    [InlineData(4, 16, new[] { 0.1253551, 0.1141868, 0.1109616 }, -0.030084309)]
    [InlineData(5, 17, new[] { 0.0992271, 0.0113714, -0.0171527 }, -0.030152498)]
    [InlineData(7, 25, new[] { 0.0922401, 0.0972814, 0.1712076 }, -0.028115493)]
    public void Decode_EveryCount_GivesTheReferenceNumbers(long latents, long frames, double[] first, double mean)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Formula.Build(weights => new CogVideoXAutoencoder(Vae, weights));
        var output = model.Decode(Formula.Wave(0.2, 1, 4, latents, 4, 6));
        Assert.Equal([1, 3, frames, 32, 48], output.shape);
        AssertNear(first, mean, output, 1e-5);
    }

    [Theory]
    [InlineData(1, 1, -2.0123515, .029870844)]
    [InlineData(8, 2, -0.1358368, 0.032769859)]
    [InlineData(9, 3, -0.1847806, .032190172)]
    [InlineData(16, 4, -1.1008365, 0.031436365)]
    [InlineData(17, 5, -0.8443725, .030322303)]
    [InlineData(25, 7, -0.3884500, 0.032475125)]
    public void Encode_EveryCount_GivesTheReferenceNumbers(long frames, long latents, double first, double mean)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Formula.Build(weights => new CogVideoXAutoencoder(Vae, weights));
        var moments = model.Encode(Formula.Wave(0.2, 1, 3, frames, 32, 48)).Moments;
        Assert.Equal([1, 8, latents, 4, 6], moments.shape);
        AssertNear([first], mean, moments, 2e-5);
    }

    [Theory]
    [InlineData(true, new[] { 0.1525190, 0.1255358, 0.1025906 }, -0.029078950)]
    [InlineData(false, new[] { -0.6966653 }, 0.037682999)]
    public void Code_InTiles_GivesTheReferenceNumbers(bool decodes, double[] first, double mean)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Formula.Build(weights => new CogVideoXAutoencoder(Vae, weights));
        var tiling = new Tiling(32, 32, 0.25, 0.25);
        var output = decodes ? model.Decode(Formula.Wave(0.2, 1, 4, 3, 10, 9), tiling: tiling) : model.Encode(Formula.Wave(0.2, 1, 3, 9, 64, 56), tiling: tiling).Moments;
        AssertNear(first, mean, output, 1e-5);
    }

    [Theory]
    [InlineData(SamplerKind.Ddim, 3.0, new[] { 0.029818, 0.2405169, 0.2222837, 0.0069471 })]
    [InlineData(SamplerKind.Ddim, 1.0, new[] { 0.0577275, 0.3209062, 0.2911275, 0.0101829 })]
    [InlineData(SamplerKind.Dpm, 3.0, new[] { 0.0136231, 0.3151684, 0.3313166, 0.0678661 })]
    [InlineData(SamplerKind.Dpm, 1.0, new[] { 0.0418505, 0.4750917, 0.4978856, 0.1125476 })]
    public void Sampler_FiveSteps_EndsAtTheReferenceNumbers(SamplerKind kind, double shift, double[] expected)
    {
        using var scope = NewDisposeScope();
        var (schedule, draws) = (new NoiseSchedule(new() { SnrShift = shift }), 0);
        long[] shape = [1, 2, 2, 2, 2];
        using ISampler sampler = kind == SamplerKind.Ddim ? new DdimSampler(schedule, 5) : new DpmSampler(schedule, 5, () => Formula.Wave(0.7, 0.05 * ++draws, shape));
        var cosines = tensor(Enumerable.Range(0, 16).Select(i => (float)(0.1 * Math.Cos(0.5 * i))).ToArray()).view(shape).to(Golden.Device);
        var sample = Formula.Wave(0.4, shape);
        for (var i = 0; i < 5; i++)
            sample = sampler.Step(i, sample, sample * 0.3 + cosines);
        Assert.Equal(kind == SamplerKind.Dpm ? 8 : 0, draws);
        AssertNear(expected, null, sample, 2e-6);
    }

    private static void AssertNear(double[] first, double? mean, Tensor actual, double tolerance)
    {
        var values = actual.to(float64).cpu().reshape(-1).data<double>().ToArray();
        Assert.All(first.Zip(values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        if (mean is { } expected)
            Assert.Equal(expected, values.Average(), 1e-6);
    }
}
