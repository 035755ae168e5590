using System.Text.Json;
using TorchSharp;
using Vpo.Rewards.Sampling;

namespace Vpo.Rewards.Tests.Sampling;

[Trait("Category", "Golden")]
[Trait("Family", "frame_sampling")]
public sealed class FrameSamplingGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("frame_sampling");

    [Theory, MemberData(nameof(Cases))]
    public void Sample_GoldenTimestamps_GivesTheReferencesIndices(string name)
    {
        using var golden = GoldenCase.Open("frame_sampling", name);
        var cap = golden.Json.GetProperty("cap").GetInt32();
        foreach (var video in golden.Json.GetProperty("videos").EnumerateArray())
        {
            var id = video.GetProperty("name").GetString()!;
            float[] starts = [.. golden.Tensor($"in.{id}.timestamps").cpu().data<float>().ToArray().Where((_, i) => i % 2 == 0)];
            Assert.Equal(video.GetProperty("frames").GetInt32(), starts.Length);
            Assert.Equal(Ints(video.GetProperty("chat")), FrameSampler.OnePerSecond(starts, cap));
            Assert.Equal(Ints(video.GetProperty("base")), FrameSampler.Evenly(starts.Length, video.GetProperty("avg_fps").GetDouble(), cap));
        }
        Assert.Equal(["base", "chat"], golden.Json.GetProperty("strategies").EnumerateObject().Select(s => s.Name).Order());
    }

    [Theory]
    [InlineData(49, 8, new[] { 0, 8, 16, 24, 32, 40, 48 })]
    [InlineData(44, 8, new[] { 0, 8, 16, 24, 32, 40 })]
    [InlineData(16, 8, new[] { 0, 8, 15 })]
    [InlineData(1, 8, new[] { 0 })]
    public void OnePerSecond_ClipOfConstantRate_PicksWholeSeconds(int frames, int rate, int[] expected) =>
        Assert.Equal(expected, FrameSampler.OnePerSecond(new VideoClip(new byte[frames * 3], 1, 1, rate)));

    private static IEnumerable<int> Ints(JsonElement array) => array.EnumerateArray().Select(i => i.GetInt32());
}
