using CsCheck;
using static TorchSharp.torch;

namespace Vpo.Training.Kernels;

/// <summary>Each kernel against the same thing composed of libtorch's operations, which is also what runs on other devices.</summary>
public sealed class KernelTests
{
    private static readonly HeadLayout Heads = new(Shared: 2, Groups: 3, Dim: 4);

    [Theory, InlineData(ScalarType.Float32, 1e-5), InlineData(ScalarType.BFloat16, 2e-2)]
    public void RmsNorm_EqualsComposed(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(37, 50).to(type), w = rand(50), dy = randn(37, 50).to(type), beside = randn(37, 50).to(type);
        AssertClose(RmsNormKernel.Composed(x, w, 1e-5), RmsNormKernel.Forward(x, w, 1e-5), tolerance);
        var (expected, actual) = (RmsNormKernel.ComposedBackward(dy, x, w, 1e-5, beside), RmsNormKernel.Backward(dy, x, w, 1e-5, beside));
        AssertClose(expected.X, actual.X, tolerance);
        AssertClose(expected.Weight, actual.Weight, tolerance);
    }

    [Theory, InlineData(ScalarType.Float32, 1e-5), InlineData(ScalarType.BFloat16, 2e-2)]
    public void GatedUnit_EqualsComposed(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor both = randn(19, 70).to(type), dy = randn(19, 35).to(type);
        AssertClose(GatedUnitKernel.Composed(both, 35), GatedUnitKernel.Forward(both), tolerance);
        Tensor bothThere = both.clone(), there = dy.clone();
        GatedUnitKernel.ComposedBackward(bothThere, there, 35);
        GatedUnitKernel.Backward(both, dy);
        AssertClose(bothThere, both, tolerance);
        AssertClose(there, dy, tolerance);
    }

    [Theory, InlineData(ScalarType.Float32, 1e-5), InlineData(ScalarType.BFloat16, 2e-2)]
    public void Rotary_EqualsComposedAndGoesBack(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        var joint = randn(7, Heads.Columns).to(type);
        var angle = rand(7, 2);
        var angles = (angle.cos(), angle.sin());
        var split = RotaryKernel.Split(joint, angles, Heads);
        var there = (empty_like(split.Queries), empty_like(split.Keys), empty_like(split.Values));
        RotaryKernel.Composed(joint, there, angles, Heads);
        AssertClose(there.Item1, split.Queries, tolerance);
        AssertClose(there.Item2, split.Keys, tolerance);
        AssertClose(there.Item3, split.Values, tolerance);
        AssertClose(joint, RotaryKernel.Join(split, angles, Heads, type), tolerance);   // a turn back undoes a turn
        AssertClose(joint, RotaryKernel.ComposedJoin(split, angles, Heads, type), tolerance);
    }

    [Theory, InlineData(ScalarType.Float32, 1e-5), InlineData(ScalarType.BFloat16, 2e-2)]
    public void CausalSoftmax_EqualsComposed(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        var kernel = new CausalSoftmaxKernel(Ancestors: 5, Groups: 3, Scale: 0.5f);
        var scores = randn(2, 4 * 3, 5 + 4).to(type);
        var there = scores.clone();
        kernel.Composed(there);
        kernel.Forward(scores);
        AssertClose(there, scores, tolerance);
        Tensor gradient = randn(2, 12, 9).to(type), other = gradient.clone();
        kernel.ComposedBackward(scores, other);
        kernel.Backward(scores, gradient);
        AssertClose(other, gradient, tolerance);
    }

    [Theory, InlineData(ScalarType.Float32, 1e-4), InlineData(ScalarType.BFloat16, 2e-2)]
    public void Vocabulary_EqualsComposed(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor logits = randn(9, 333).to(type), targets = randint(0, 333, [9], dtype: int64), upstream = randn(9);
        logits[2, targets[2]] = 50;   // a hit
        var (expected, actual) = (VocabularyKernel.Composed(logits, targets), VocabularyKernel.Score(logits, targets));
        AssertClose(expected, actual, tolerance);
        var there = logits.clone();
        VocabularyKernel.ComposedDifferentiate(there, targets, actual[VocabularyKernel.Normaliser], upstream);
        VocabularyKernel.Differentiate(logits, targets, actual[VocabularyKernel.Normaliser], upstream);
        AssertClose(there, logits, tolerance);
    }

    [Theory, InlineData(ScalarType.Float32, 1e-5), InlineData(ScalarType.BFloat16, 2e-2)]
    public void Vocabulary_InParts_EqualsTheWhole(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        Tensor logits = randn(9, 333).to(type), targets = randint(0, 333, [9], dtype: int64), upstream = randn(9);
        var normaliser = VocabularyKernel.Score(logits, targets)[VocabularyKernel.Normaliser];
        foreach (var differentiate in (Action<Tensor, Tensor, Tensor, Tensor, long>[])[VocabularyKernel.Differentiate, VocabularyKernel.ComposedDifferentiate])
        {
            var (whole, parts) = (logits.clone(), new List<Tensor>());
            differentiate(whole, targets, normaliser, upstream, 0);
            for (var first = 0; first < 333; first += 100)
            {
                parts.Add(logits.narrow(1, first, Math.Min(100, 333 - first)).clone());
                differentiate(parts[^1], targets, normaliser, upstream, first);
            }
            AssertClose(whole, cat(parts, 1), tolerance);
        }
    }

    [Fact]
    public void Narrow_AllKindsOfNumbers_RoundsAsLibtorch()
    {
        using var scope = NewDisposeScope();
        var numbers = cat([randn(1000), randn(500) * 1e30, randn(500) * 1e-30, tensor(new[] { 0f, -0f, float.PositiveInfinity, float.NegativeInfinity, 1.00390625f, 1.01171875f })]);
        var (narrow, wide) = (new ushort[numbers.numel()], new float[numbers.numel()]);
        TensorRows.Narrow(numbers.data<float>().ToArray(), narrow);
        TensorRows.Widen(narrow, wide);
        Assert.Equal(numbers.to(bfloat16).to(float32).data<float>().ToArray(), wide);
    }

    [Fact]
    public void Exp_AnyNumber_IsWithinTwoUnitsOfTheLastPlace() =>
        Gen.Float[-90, 90].Array[RowVectors.Count].Sample(x => x.Zip(Exp(x)).All(pair => Math.Abs(pair.Second / Math.Exp(pair.First) - 1) < 2.4e-7 || Math.Exp(pair.First) is > float.MaxValue or < 1.2e-38));

    [Fact]
    public void Exp_BeyondTheRange_IsZeroInfiniteOrNaN()
    {
        float[] x = [0, -0f, float.NegativeInfinity, float.PositiveInfinity, float.NaN, -1000, 1000, -104, 89, float.MinValue, float.MaxValue, 88.7f, -87.3f, 1e-30f, -1e-30f, 1];
        Assert.Equal(x.Select(MathF.Exp), Exp(x), (a, b) => a.Equals(b) || Math.Abs(a - b) <= 3e-7f * a);
    }

    private static float[] Exp(float[] x)
    {
        var result = new float[RowVectors.Count];
        RowVectors.Exp(x.From(0)).To(result, 0);
        return result;
    }

    [Theory, InlineData(ScalarType.Float32), InlineData(ScalarType.BFloat16)]
    public void Accumulate_AnySize_Adds(ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor sum = randn(10_001), values = randn(10_001).to(type);
        var expected = sum + values;
        Casts.Accumulate(sum, values);
        AssertClose(expected, sum, 1e-6);
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(allclose(actual.to(float32), expected.to(float32), tolerance, tolerance), $"greatest difference {(actual.to(float32) - expected.to(float32)).abs().max().item<float>()}");
    }
}
