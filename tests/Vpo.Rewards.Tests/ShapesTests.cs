using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.Clip;
using Vpo.Rewards.VisionReward.Model;

namespace Vpo.Rewards.Tests;

/// <summary>Names and shapes of published models, without their weights.</summary>
[Trait("Category", "Golden")]
[Trait("Family", "shapes")]
public sealed class ShapesTests
{
    internal static void AssertShapes(string file, IReadOnlyDictionary<string, long[]> actual)
    {
        var path = Path.Combine(Golden.Root, "shapes", file);
        if (!File.Exists(path))
            Assert.Skip($"absent: {path}");
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        Assert.Equal(
            json.RootElement.EnumerateObject().Select(p => $"{p.Name} [{string.Join(",", p.Value.EnumerateArray())}]").Order(StringComparer.Ordinal),
            actual.Select(p => $"{p.Key} [{string.Join(",", p.Value)}]").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Clip_B32_HasThePublishedShapes() => AssertShapes("clip-vit-base-patch32.json", Weights.ShapesOf(w => new ClipModel(new(), w)));

    [Fact]
    public void Clip_L14_HasThePublishedShapes() => AssertShapes("clip-vit-large-patch14.json", Weights.ShapesOf(w => new ClipModel(ClipConfig.L14, w)));

    [Fact]
    public void VisionReward_Video_HasThePublishedShapes() => AssertShapes("visionreward-video.json", Weights.ShapesOf(w => new VisionRewardModel(new(), w)));
}
