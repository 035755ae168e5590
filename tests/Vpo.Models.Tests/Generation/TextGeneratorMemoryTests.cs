using System.Diagnostics;
using Vpo.Models.Generation;

namespace Vpo.Models.Tests.Generation;

/// <summary>Alone, because other tests' memory is in the same process.</summary>
[CollectionDefinition(nameof(TextGeneratorMemoryTests), DisableParallelization = true)]
[Collection(nameof(TextGeneratorMemoryTests))]
public sealed class TextGeneratorMemoryTests
{
    [Fact]
    public void Generate_ManyTimes_KeepsMemoryFlat() => KeepsMemoryFlat(400);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void Generate_TenThousandTimes_KeepsMemoryFlat() => KeepsMemoryFlat(10_000);

    private static void KeepsMemoryFlat(int generations)
    {
        using var model = TextGeneratorRobustnessTests.Model();
        var generator = new TextGenerator(model);
        long Settled(int count)
        {
            for (var i = 0; i < count; i++)
                generator.Generate([TextGeneratorRobustnessTests.Request(i), TextGeneratorRobustnessTests.Request(i + 1)], TextGeneratorRobustnessTests.Sampling);
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);   // gives freed memory back, so that only what is held counts
            using var process = Process.GetCurrentProcess();
            return process.PrivateMemorySize64;
        }
        var before = Settled(generations / 4);
        Assert.InRange(Settled(generations) - before, long.MinValue, 32L << 20);
    }
}
