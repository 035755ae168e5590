using CsCheck;
using Vpo.Statistics;

namespace Vpo.Core.Tests.Statistics;

public sealed class BootstrapTests
{
    [Fact]
    public void Mean_SameSeed_SameInterval()
    {
        double[] values = [1.3, 4.1, 2.7, 8.2, 5.9, 7.4, 0.2];
        Assert.Equal(Bootstrap.Mean(values, new() { Resamples = 50, Seed = 3 }), Bootstrap.Mean(values, new() { Resamples = 50, Seed = 3 }));
        Assert.NotEqual(Bootstrap.Mean(values, new() { Resamples = 50, Seed = 3 }), Bootstrap.Mean(values, new() { Resamples = 50, Seed = 4 }));
    }

    [Fact]
    public void Mean_AnyValues_IntervalHoldsTheMeanAndStaysWithinTheRange() =>
        Gen.Double[-100, 100].Array[1, 30].Sample(values =>
        {
            var e = Bootstrap.Mean(values, new() { Resamples = 400 });
            return e.Count == values.Length && e.Low <= e.Value + 1e-9 && e.Value <= e.High + 1e-9
                && e.Low >= values.Min() - 1e-9 && e.High <= values.Max() + 1e-9;
        }, iter: 200);

    [Fact]
    public void PairedDifference_ConstantGain_HasNoWidth()
    {
        var e = Bootstrap.PairedDifference([1, 20, 300], [2, 21, 301]);
        Assert.Equal(new Estimate(1, 1, 1, 3), e);
        Assert.True(e.ExcludesZero);
    }

    [Fact]
    public void Mean_NormalValues_HasAboutTheWidthOfTheNormalInterval()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
        var e = Bootstrap.Mean(values);
        Assert.InRange(e.High - e.Low, 0.17, 0.22);
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new[] { 1, double.NaN })]
    [InlineData(new[] { double.PositiveInfinity })]
    public void Mean_NothingOrNotFinite_IsRefused(double[] values) => Assert.Throws<ArgumentException>(() => Bootstrap.Mean(values));

    [Fact]
    public void PairedDifference_DifferentLengths_IsRefused() => Assert.Throws<ArgumentException>(() => Bootstrap.PairedDifference([1], [1, 2]));
}
