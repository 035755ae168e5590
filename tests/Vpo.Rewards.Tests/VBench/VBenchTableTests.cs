using CsCheck;
using Vpo.Rewards.VBench;

namespace Vpo.Rewards.Tests.VBench;

public sealed class VBenchTableTests
{
    private static Dictionary<string, VBenchResult> Run(double[] values) => VBenchEdition.First.Dimensions.ToDictionary(d => d, _ =>
        new VBenchResult(values.Average(), [.. values.Select((v, i) => ($"videos/prompt {i}-0.mp4", v))]), StringComparer.Ordinal);

    /// <summary>Whatever the values: intervals hold their figure, a run differs from itself by nothing, and a score is that of the dimensions' means.</summary>
    [Fact]
    public void Of_AnyRun_HoldsItsFigures() => Gen.Double[0, 1].Array[2, 12].Sample(values =>
    {
        var run = Run(values);
        var lines = VBenchTable.Of(VBenchEdition.First, [run, run], new() { Resamples = 300 });
        Assert.Equal([.. VBenchEdition.First.Dimensions, "quality", "semantic", "total"], lines.Select(l => l.Name));
        Assert.Equal(new VBenchScore(run.ToDictionary(r => r.Key, r => r.Value.Value)).Total, lines[^1].Values[0]!.Value, 12);
        Assert.All(lines, l =>
        {
            Assert.InRange(l.Values[0]!.Value, l.Intervals[0]!.Value.Low - 1e-9, l.Intervals[0]!.Value.High + 1e-9);
            Assert.Equal(values.Length, l.Intervals[0]!.Value.Count);
            Assert.Equal((0.0, 0.0, 0.0), (l.Gains[0]!.Value.Value, l.Gains[0]!.Value.Low, l.Gains[0]!.Value.High));
        });
    }, iter: 20);

    [Fact]
    public void Of_RunsWithOtherPrompts_ComparesThoseThatBothHave()
    {
        var scene = new Dictionary<string, VBenchResult> { ["scene"] = new(0.5, [("a-0.mp4", 0.2), ("a-1.mp4", 0.4), ("b-0.mp4", 0.9)]) };
        var other = new Dictionary<string, VBenchResult> { ["scene"] = new(0.8, [("b-0.mp4", 1), ("c-0.mp4", 0.6)]) };
        var line = VBenchTable.Of(VBenchEdition.First, [scene, other])[0];
        Assert.Equal((0.1, 1), (Math.Round(line.Gains[0]!.Value.Value, 12), line.Gains[0]!.Value.Count));
        Assert.Equal((0.5, 2), (line.Intervals[0]!.Value.Value, line.Intervals[0]!.Value.Count));
    }

    /// <summary>An aggregate over frames of clips of different lengths is not the clips' mean: an interval around that would be of another number.</summary>
    [Fact]
    public void ByPrompt_ClipsThatDoNotAddUp_GiveNothing()
    {
        Assert.Empty(new VBenchResult(0.5, [("a-0.mp4", 0.6), ("b-0.mp4", 0.6)]).ByPrompt());
        Assert.Equal(0.6, new VBenchResult(0.6, [("a-0.mp4", 60), ("b-0.mp4", 60)]).ByPrompt()["a"], 12);
        Assert.Equal(["b"], new VBenchResult(0.4, [("a-0.mp4", -1), ("b-0.mp4", 0.4)]).ByPrompt().Keys);
        var lines = VBenchTable.Of(VBenchEdition.First, [new Dictionary<string, VBenchResult> { ["scene"] = new(0.5, [("a-0.mp4", 0.6)]) }]);
        Assert.All(lines, l => Assert.Null(l.Intervals[0]));
    }

    [Fact]
    public void Edition_OfNames_IsKnownByThem()
    {
        Assert.Same(VBenchEdition.First, VBenchEdition.Of(["human_action", "scene/vlm"]));
        Assert.Same(VBenchEdition.Second, VBenchEdition.Of(["Multi-View_Consistency"]));
        Assert.Equal(18, VBenchEdition.Second.Dimensions.Count);
        Assert.Contains("'humour'", Assert.Throws<InvalidDataException>(() => VBenchEdition.Of(["humour"])).Message, StringComparison.Ordinal);
        Assert.Contains("together", Assert.Throws<InvalidDataException>(() => VBenchEdition.Of(["scene", "Material"])).Message, StringComparison.Ordinal);
        Assert.Equal(1, VBenchEdition.Second.Totals(VBenchEdition.Second.Dimensions.ToDictionary(d => d, _ => 1.0))[^1].Value, 12);
    }
}
