using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Native;

public sealed class ComputeProbeTests
{
    [Theory, InlineData(186, 143, ScalarType.Float32), InlineData(100, 110, ScalarType.Float32), InlineData(174, 427, ScalarType.BFloat16)]
    public void Choose_TakesBFloat16OnlyWhereItIsClearlyFaster(double single, double brain, ScalarType expected) =>
        Assert.Equal(expected, ComputeProbe.Choose(new Dictionary<ScalarType, double> { [ScalarType.Float32] = single, [ScalarType.BFloat16] = brain }));

    /// <summary>A crowded machine once tipped it, and a run that was killed could not go on: it found itself begun in another type.</summary>
    [Fact]
    public void Measure_BesideBusyThreads_ChoosesTheSame()
    {
        var expected = ComputeProbe.Choose(ComputeProbe.Measure());
        using var busy = new BusyMachine();
        for (var i = 0; i < 5; i++)
            Assert.Equal(expected, ComputeProbe.Choose(ComputeProbe.Measure()));
    }
}
