using Vpo.Models.Decoding;
using Vpo.Models.Tests.Native;

namespace Vpo.Models.Tests.Decoding;

public sealed class WeightProbeTests
{
    [Theory]
    [InlineData(10, 9, 11, WeightType.Float32)]
    [InlineData(10, 11, 12.5, WeightType.Int8)]
    [InlineData(10, 19, 22, WeightType.BFloat16)]
    [InlineData(10, 19, 30, WeightType.Int8)]
    public void Choose_TakesANarrowerTypeOnlyWhereItIsClearlyFaster(double single, double brain, double bytes, WeightType expected) =>
        Assert.Equal(expected, WeightProbe.Choose(new Dictionary<WeightType, double> { [WeightType.Float32] = single, [WeightType.BFloat16] = brain, [WeightType.Int8] = bytes }));

    /// <summary>One type after the other and the best of three: another program's burst could slow one type alone, and the same model then wrote other words.</summary>
    [Fact]
    public void Measure_BesideBusyThreads_ChoosesTheSame()
    {
        var expected = WeightProbe.Choose(WeightProbe.Measure());
        using var busy = new BusyMachine();
        for (var i = 0; i < 3; i++)
            Assert.Equal(expected, WeightProbe.Choose(WeightProbe.Measure()));
    }

    [Fact]
    public void Rates_ThisMachine_AreMeasuredForEachType()
    {
        Assert.Equal([WeightType.Float32, WeightType.BFloat16, WeightType.Int8], WeightProbe.Rates.Keys);
        Assert.All(WeightProbe.Rates.Values, rate => Assert.InRange(rate, 1e-3, 1e4));
    }
}
