using System.Text;
using Microsoft.Extensions.AI;
using Vpo.Rewards.Tests.Combining;
using Vpo.Rewards.Tests.Remote;
using Vpo.Rewards.VBench;

namespace Vpo.Rewards.Tests.VBench;

public sealed class VBenchVisionJudgeTests
{
    private static readonly IReadOnlyList<VBenchPrompt> Prompts = VBenchFiles.ReadPrompts(Encoding.UTF8.GetBytes(
        """
        [{"prompt_en":"a bird and a cat","dimension":["multiple_objects"],"auxiliary_info":{"multiple_objects":{"object":"bird and cat"}}},
         {"prompt_en":"a dog and a cow","dimension":["multiple_objects"],"auxiliary_info":{"multiple_objects":{"object":"dog and cow"}}},
         {"prompt_en":"alley","dimension":["scene"],"auxiliary_info":{"scene":{"scene":{"scene":"alley"}}}}]
        """));

    [Fact]
    public async Task Measure_Clips_GivesTheShareOfYesUnderANameThatSaysSo()
    {
        var vision = new FakeVision(text => text.Contains("bird", StringComparison.Ordinal) ? "Yes" : text.Contains("dog", StringComparison.Ordinal) ? "no" : "?");
        var clips = VBenchFiles.Standard(Prompts, ["a bird and a cat-0.mp4", "a bird and a cat-1.mp4", "a dog and a cow-0.mp4", "alley-0.mp4"], ["multiple_objects", "scene"]);
        var judge = new VBenchVisionJudge(vision);
        var measured = await judge.MeasureAsync("multiple_objects", clips, _ => FakeReward.Clip, TestContext.Current.CancellationToken);
        Assert.Equal(("multiple_objects/vlm", 2.0 / 3, 0), (measured.Dimension, measured.Value, measured.Unread));
        Assert.Equal((0.5, 2), (measured.Interval().Value, measured.Interval().Count));
        Assert.Contains("1 could not", (await Assert.ThrowsAsync<ArgumentException>(() => judge.MeasureAsync("scene", clips, _ => FakeReward.Clip, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.Contains(vision.Calls, c => c.Messages[^1].Contents.OfType<TextContent>().Any(t => t.Text.Contains("this place: alley", StringComparison.Ordinal)));
        await Assert.ThrowsAsync<ArgumentException>(() => judge.MeasureAsync("temporal_flickering", clips, _ => FakeReward.Clip, TestContext.Current.CancellationToken));
    }

    [Fact]
    [Trait("Category", "Weights")]
    public void Questions_OfThePublishedSecondList_CanBeAsked()
    {
        var prompts = VBenchFiles.ReadPrompts(File.ReadAllBytes(Repository.Data("vbench/VBench2_full_info.json")));
        Assert.Equal(375, prompts.Count(p => VBench2VisionJudge.Dimensions.Contains(p.Dimensions[0])));
        Assert.All(prompts.Where(p => VBench2VisionJudge.Dimensions.Contains(p.Dimensions[0])), p => Assert.All(VBench2VisionJudge.Questions(p.Dimensions[0], p), q => Assert.DoesNotContain("yes or no", q, StringComparison.Ordinal)));
    }

    /// <summary>Half the frames for the first question, the last one for the second; a no ends it.</summary>
    [Fact]
    public async Task Second_SpatialRelationship_LooksAtTheHalvesApart()
    {
        var prompt = VBenchFiles.ReadPrompts("""[{"prompt_en":"a dog","dimension":["Dynamic_Spatial_Relationship"],"auxiliary_info":["left? (yes or no)","right? (yes or no)"]}]"""u8.ToArray())[0];
        var vision = new FakeVision(text => text.StartsWith("left?", StringComparison.Ordinal) ? "yes" : "no");
        var clip = new VideoClip(new byte[8 * 12], 2, 2, 8);
        Assert.Equal(VBench2Outcome.No, await new VBench2VisionJudge(vision).AskAsync("Dynamic_Spatial_Relationship", prompt, clip, TestContext.Current.CancellationToken));
        Assert.Equal([4, 1], vision.Calls.Select(c => c.Messages[^1].Contents.OfType<DataContent>().Count()));
        await Assert.ThrowsAsync<ArgumentException>(() => new VBench2VisionJudge(vision).AskAsync("Diversity", prompt, clip, TestContext.Current.CancellationToken));
    }

    /// <summary>With what is computed natively, these are all sixteen.</summary>
    [Fact]
    public void Dimensions_AndTheNativeOnes_AreAllOfVBench() => Assert.Equal(VBenchScore.Dimensions.Select(d => d.Name.Replace(' ', '_')).Order(StringComparer.Ordinal),
        VBenchVisionJudge.Dimensions.Append(VBenchNative.AppearanceStyle).Append(VBenchNative.TemporalFlickering).Order(StringComparer.Ordinal));

    [Fact]
    [Trait("Category", "Weights")]
    public void Question_EveryPromptOfThePublishedList_CanBeAsked()
    {
        var prompts = VBenchFiles.ReadPrompts(File.ReadAllBytes(Repository.Data("vbench/VBench_full_info.json")));
        foreach (var dimension in VBenchVisionJudge.Dimensions)
            Assert.All(prompts.Where(p => p.Dimensions.Contains(dimension)), p => Assert.EndsWith("?", VBenchVisionJudge.Question(dimension, p), StringComparison.Ordinal));
    }
}
