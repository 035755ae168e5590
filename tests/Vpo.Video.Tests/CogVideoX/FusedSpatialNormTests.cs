using System.Runtime.Intrinsics;
using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class FusedSpatialNormTests
{
    private static Tensor Random(int seed, params long[] shape) => randn(shape, generator: new Generator((ulong)seed)).to(bfloat16);

    private static Tensor Enlarge(Tensor small, long[] shape)
    {
        Tensor To(Tensor x, long frames) => nn.functional.interpolate(x, [frames, shape[3], shape[4]], mode: InterpolationMode.Nearest);
        return shape[2] == 1 || shape[2] % 2 == 0 ? To(small, shape[2]) : cat([To(small[.., .., ..1], 1), To(small[.., .., 1..], shape[2] - 1)], 2);
    }

    [Theory]
    [InlineData(2, 2, 3, 5, 3, 5)]
    [InlineData(1, 1, 2, 3, 8, 12)]
    [InlineData(2, 8, 2, 5, 16, 40)]
    [InlineData(3, 9, 2, 3, 4, 6)]
    [InlineData(3, 5, 1, 9, 2, 18)]
    public void Apply_AnySize_IsNormSteeringAndSilu(int latentFrames, int frames, int latentHeight, int latentWidth, int height, int width)
    {
        if (!Vector512.IsHardwareAccelerated)
            Assert.Skip("this processor has no 512-bit vectors");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, weight, bias) = (Random(1, 2, 8, frames, height, width).mul(3).add(1), Random(2, 8), Random(3, 8));
        var (factor, offset) = (Random(4, 2, 8, latentFrames, latentHeight, latentWidth), Random(5, 2, 8, latentFrames, latentHeight, latentWidth));
        Assert.True(FusedSpatialNorm.Fits(x, factor));
        Tensor Wide(Tensor tensor) => tensor.to(float64);
        var normed = nn.functional.group_norm(Wide(x), 4, Wide(weight), Wide(bias), 1e-6);
        var exact = nn.functional.silu(normed * Enlarge(Wide(factor), x.shape) + Enlarge(Wide(offset), x.shape));
        var found = Wide(FusedSpatialNorm.Apply(x, (weight, bias, 4, 1e-6), factor, offset));
        Assert.True(allclose(found, exact, 5e-3, 1e-3), $"greatest difference {(found - exact).abs().max().item<double>():g3}");
    }

    [Fact]
    public void Decode_InBfloat16_IsAsCloseToFloat32AsSeparateOperations()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var wide = CogVideoXAutoencoder.Initialize(Tiny.Autoencoder, 1);
        using var narrow = CogVideoXAutoencoder.Initialize(Tiny.Autoencoder, 1, compute: ScalarType.BFloat16);
        var latents = randn([1, 4, 5, 4, 4], generator: new Generator(1));
        var (exact, fused) = (wide.Decode(latents), narrow.Decode(latents).to(float32));
        Tensor separate;
        using (enable_grad())
            separate = narrow.Decode(latents).to(float32);
        double Error(Tensor found) => (found - exact).square().mean().sqrt().item<float>();
        Assert.True(Error(fused) < 1.2 * Error(separate), $"fused {Error(fused):g3}, separate {Error(separate):g3}");
    }
}
