using TorchSharp;
using Vpo.Models.Layers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>The bugs "a gradient of NaN from clean numbers" and "bfloat16 clips that are wrong and not quite the same twice": oneDNN with blocks of channels that are not full.</summary>
public sealed class WholeBlocksTests
{
    [Theory, InlineData(ScalarType.Float32, 3), InlineData(ScalarType.Float32, 12), InlineData(ScalarType.BFloat16, 3), InlineData(ScalarType.BFloat16, 12), InlineData(ScalarType.BFloat16, 16)]
    public void Backward_InMemoryThatHeldNaN_IsFiniteAndWhatItIsElsewhere(ScalarType type, long outputs)
    {
        using var scope = NewDisposeScope();
        var (x, weight) = (Random(type, 2, 32, 5, 16, 16), Random(type, outputs, 32, 3, 3, 3));
        var bias = zeros([outputs], dtype: type);
        Tensor Gradient(Func<Tensor, Tensor, Tensor, Tensor> convolve)
        {
            using var inner = NewDisposeScope();
            var input = x.detach().clone().requires_grad_();
            Poison();
            var output = WholeBlocks.Apply(input, weight, bias, convolve);
            Assert.Equal([2, outputs, 3, 16, 16], output.shape);
            output.sum().backward();
            return input.grad!.to(ScalarType.Float32).MoveToOuterDisposeScope();
        }

        var found = Gradient((input, w, b) => Conv3d.Apply(input, w, b, 1));
        var expected = Gradient((input, w, b) => Conv3d.Apply(input.to(ScalarType.Float64), w.to(ScalarType.Float64), b.to(ScalarType.Float64), 1));
        Assert.True(found.isfinite().all().item<bool>(), "no NaN came out of memory");
        Assert.True(allclose(found, expected, type == ScalarType.Float32 ? 1e-4 : 2e-2, type == ScalarType.Float32 ? 1e-4 : 0.3), "and the numbers are right");
    }

    [Theory, InlineData(ScalarType.Float32, 3), InlineData(ScalarType.BFloat16, 3), InlineData(ScalarType.BFloat16, 8), InlineData(ScalarType.BFloat16, 12)]
    public void Forward_OutputsThatFillNoBlock_AreRightAndTheSameEachTime(ScalarType type, long outputs)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, weight, bias) = (Random(type, 8, 16, 11, 32, 32), Random(type, outputs, 16, 3, 3, 3), zeros([outputs], dtype: type));
        Tensor Wide(Tensor t) => t.to(ScalarType.Float64);
        var expected = Conv3d.Apply(Wide(x), Wide(weight), Wide(bias), 1);
        var first = WholeBlocks.Apply(x, weight, bias, (input, w, b) => Conv3d.Apply(input, w, b, 1));
        Assert.True(allclose(Wide(first), expected, type == ScalarType.Float32 ? 1e-4 : 1e-2, type == ScalarType.Float32 ? 1e-3 : 0.1), "right");
        for (var i = 0; i < 20; i++)
        {
            using var inner = NewDisposeScope();
            Assert.True(WholeBlocks.Apply(x, weight, bias, (input, w, b) => Conv3d.Apply(input, w, b, 1)).equal(first).all().item<bool>(), "the same each time");
        }
    }

    private static Tensor Random(ScalarType type, params long[] shape) => randn(shape, generator: new Generator(1)).to(type);

    /// <summary>Leaves NaN in freed memory of many sizes.</summary>
    private static void Poison()
    {
        var blocks = new List<Tensor>();
        for (var size = 64L; size < 4 << 20; size = size * 5 / 4)
            blocks.AddRange(Enumerable.Range(0, 4).Select(_ => full([size / 4], float.NaN)));
        foreach (var block in blocks)
            block.Dispose();
    }
}
