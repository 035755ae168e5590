using System.Runtime.Intrinsics;
using CsCheck;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class TiledAttentionTests
{
    private static Tensor Random(int seed, params long[] shape) => randn(shape, generator: new Generator((ulong)seed)).to(bfloat16);

    private static double Error(Tensor found, Tensor exact) => (found.to(float64) - exact).square().mean().sqrt().item<double>() / exact.square().mean().sqrt().item<double>();

    [Theory, InlineData(1, 2, 640, 32), InlineData(2, 3, 301, 16), InlineData(1, 1, 7, 64), InlineData(1, 5, 256, 64)]
    public void Apply_AnyShape_IsAttentionToTheRoundingOfTheType(int batch, int heads, int tokens, int size)
    {
        if (!Vector512.IsHardwareAccelerated)
            Assert.Skip("this processor has no 512-bit vectors");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (q, k, v) = (Random(1, batch, heads, tokens, size), Random(2, batch, heads, tokens, size), Random(3, batch, heads, tokens, size));
        var scaled = q.mul(1 / Math.Sqrt(size));
        Assert.True(TiledAttention.Fits(scaled));
        var exact = scaled.to(float64).matmul(k.to(float64).transpose(-2, -1)).softmax(-1).matmul(v.to(float64)).transpose(1, 2).flatten(2);
        var fused = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2);
        var tiled = TiledAttention.Apply(scaled, k, v);
        Assert.Equal(exact.shape, tiled.shape);
        Assert.True(Error(tiled, exact) < Math.Max(0.012, 3 * Error(fused, exact)), $"tiled {Error(tiled, exact):g3}, fused {Error(fused, exact):g3}");
    }

    [Fact]
    public void Fits_GradientsOrFloat32_No()
    {
        using var scope = NewDisposeScope();
        Assert.False(TiledAttention.Fits(Random(1, 1, 1, 16, 16)));
        using var quiet = no_grad();
        Assert.False(TiledAttention.Fits(zeros([1, 1, 16, 16])));
        Assert.False(TiledAttention.Fits(zeros([1, 1, 16, 8], dtype: bfloat16)));
    }

    [Fact]
    public void ExpOfDifferenceToMax_AnyRow_IsWhatMathSays() => Gen.Float[-60, 60].Array[1, 70].Sample(values =>
    {
        var row = values.Select(Bits).ToArray();
        var numbers = row.Select(Number).ToArray();
        var sum = BrainFloats.ExpOfDifferenceToMax(row);
        var max = numbers.Max();
        for (var i = 0; i < row.Length; i++)
            Assert.True(Math.Abs(Number(row[i]) - MathF.Exp(numbers[i] - max)) <= MathF.Exp(numbers[i] - max) / 230 + 1e-30f, $"e^({numbers[i]} - {max}) gave {Number(row[i])}");
        Assert.Equal(row.Sum(b => (double)Number(b)), sum, 3);
    });

    [Fact]
    public void Gelu_ManyNumbers_IsTheTanhForm()
    {
        if (!Vector512.IsHardwareAccelerated)
            Assert.Skip("this processor has no 512-bit vectors");
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var x = Random(1, 3, 50_000).mul(4);
        var exact = nn.functional.gelu(x.to(float64), TorchSharp.Modules.GELU.Approximate.tanh);
        Assert.True(FusedGelu.Fits(x));
        var found = FusedGelu.Apply(x).to(float64);
        Assert.True(allclose(found, exact, 5e-3, 1e-6), $"greatest difference {(found - exact).abs().max().item<double>():g3}");
    }

    private static ushort Bits(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    private static float Number(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
