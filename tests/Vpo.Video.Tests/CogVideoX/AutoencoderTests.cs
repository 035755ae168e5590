using Vpo.Models.Layers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class AutoencoderTests
{
    private static CogVideoXAutoencoder Create(ScalarType? compute = null) => CogVideoXAutoencoder.Initialize(Tiny.Autoencoder, 1, compute: compute, device: Golden.Device);

    private static Tensor Random(params long[] shape) => randn(shape, generator: new Generator(1)).to(Golden.Device);

    [Fact]
    public void Decode_FirstChunkOfALongerVideo_IsWhatItIsAlone()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Create();
        var latents = Random(1, 4, 7, 4, 4);
        var (whole, first) = (model.Decode(latents), model.Decode(latents.narrow(2, 0, 3)));
        Assert.Equal([1, 3, 25, 16, 16], whole.shape);
        Assert.True(allclose(whole.narrow(2, 0, 9), first, 1e-4, 1e-5), "causal: later frames change nothing before");
    }

    [Fact]
    public void Decode_InTwoChunks_RemembersTheFramesBefore()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Create();
        var latents = Random(1, 4, 4, 4, 4);
        var (whole, alone) = (model.Decode(latents), model.Decode(latents.narrow(2, 2, 2)));
        Assert.False(allclose(whole.narrow(2, 8, 8), alone, 1e-3, 1e-3), "the second chunk starts from the memory of the first");
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Code_OneByOne_IsWhatABatchGives(bool decodes)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Create();
        var input = decodes ? Random(3, 4, 3, 4, 4) : Random(3, 3, 9, 16, 16);
        Tensor Code(bool oneByOne) => decodes ? model.Decode(input, oneByOne) : model.Encode(input, oneByOne).Moments;
        Assert.True(allclose(Code(false), Code(true), 1e-4, 1e-4));
    }

    /// <summary>bfloat16 convolutions were once wrong by a third where the number of outputs fills no whole block of 16, which no float32 case shows.</summary>
    [Theory, InlineData(true, 16, 32), InlineData(false, 16, 32), InlineData(true, 24, 40), InlineData(false, 24, 40), InlineData(true, 128, 128), InlineData(false, 128, 128)]
    public void Code_InBFloat16_IsCloseToFloat32(bool decodes, long narrow, long wide)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var config = Tiny.Autoencoder with { Widths = [narrow, wide, wide], Groups = 8, LatentChannels = 6 };
        using var exact = CogVideoXAutoencoder.Initialize(config, 1, device: Golden.Device);
        using var rounded = CogVideoXAutoencoder.Initialize(config, 1, ScalarType.BFloat16, device: Golden.Device);
        var input = decodes ? Random(2, 6, 3, 4, 4) : Random(2, 3, 9, 16, 16);
        Tensor Code(CogVideoXAutoencoder model) =>
            (decodes ? model.Decode(input.to(model.Compute)) : model.Encode(input.to(model.Compute)).Moments).to(ScalarType.Float32);
        var expected = Code(exact);
        var error = (Code(rounded) - expected).norm().item<float>() / expected.norm().item<float>();
        Assert.InRange(error, 0, 0.05);
    }

    [Theory, InlineData(1, 1), InlineData(8, 2), InlineData(9, 3), InlineData(16, 4), InlineData(17, 5), InlineData(25, 7)]
    public void Encode_PossibleFrameCounts_DecodeToAsMany(int frames, int latents)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Create();
        var mean = model.Encode(Random(1, 3, frames, 8, 8)).Mean();
        Assert.Equal([1, 4, latents, 2, 2], mean.shape);
        Assert.Equal([1, 3, frames, 8, 8], model.Decode(mean).shape);
    }

    [Fact]
    public void Backward_FloatMastersWithBfloatArithmetic_ReachEveryParameter()
    {
        using var scope = NewDisposeScope();
        using var model = Create(ScalarType.BFloat16).RequireGradients();
        var video = Random(2, 3, 9, 16, 16);
        var decoded = model.Decode(model.Encode(video).Sample(Random(2, 4, 3, 4, 4)));
        nn.functional.mse_loss(decoded.to(ScalarType.Float32), video).backward();
        Assert.All(model.named_parameters(), p => Assert.True(p.parameter.grad is { } grad && grad.dtype == ScalarType.Float32 && grad.isfinite().all().item<bool>(), p.name));
    }

    [Fact]
    public void Decode_WrongChannels_SaysWhatIsExpected()
    {
        using var model = Create();
        Assert.Contains("[batch, 4, frames", Assert.Throws<ArgumentException>(() => model.Decode(zeros([1, 5, 1, 4, 4]))).Message);
    }
}
