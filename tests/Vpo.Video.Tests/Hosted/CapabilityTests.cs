using CsCheck;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

public sealed class CapabilityTests
{
    private static readonly string[] Models =
        ["THUDM/CogVideoX-2b", "THUDM/CogVideoX1.5-5B", "cogvideox-3", "hunyuanvideo-community/HunyuanVideo", "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", "fal-ai/ltx-video", "genmo/mochi-1-preview", "open-sora-1.2", "stabilityai/stable-video-diffusion-img2vid-xt", "sora-2", "sora-2-pro"];

    private static string Refusal(string model, VideoRequest request, VideoOptions options) =>
        Assert.Throws<ArgumentException>(() => VideoPlan.Of(request, options with { ModelId = model }, new(), VideoModels.Find(model))).Message;

    [Theory]
    [InlineData("sora-2", 1280, 700, "1280x720")]
    [InlineData("sora-2", 700, 1280, "720x1280")]
    [InlineData("cogvideox-3", 1900, 1000, "1920x1080")]
    [InlineData("THUDM/CogVideoX-5b", 719, 481, "720x480")]
    [InlineData("fal-ai/ltx-video", 705, 512, "704x512")]
    public void Plan_SizeNotOnOffer_NamesTheNearest(string model, int width, int height, string nearest) =>
        Assert.Contains(nearest, Refusal(model, new("a cat"), new() { Width = width, Height = height }), StringComparison.Ordinal);

    [Theory]
    [InlineData("THUDM/CogVideoX-5b", 48, "41 or 49")]
    [InlineData("THUDM/CogVideoX-5b", 1000, "nearest: 49")]
    [InlineData("THUDM/CogVideoX-5b", 1, "nearest: 9")]
    [InlineData("hunyuanvideo", 60, "57 or 61")]
    [InlineData("genmo/mochi-1", 20, "19 or 25")]
    public void Plan_FramesNotOnOffer_NamesTheNearest(string model, int frames, string nearest) =>
        Assert.Contains(nearest, Refusal(model, new("a cat"), new() { FrameCount = frames }), StringComparison.Ordinal);

    [Fact]
    public void Plan_SeveralFaults_AreReportedTogether()
    {
        var message = Refusal("sora-2", new("a cat") { NegativePrompt = "blur" }, new() { Width = 10, Height = 10, FrameCount = 240, Steps = 20, GuidanceScale = 5 });
        foreach (var part in new[] { "10x10", "10 seconds", "8 or 12", "negative prompt", "Steps", "GuidanceScale" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData(" ", "empty")]
    public void Plan_EmptyPrompt_IsRefused(string prompt, string says) => Assert.Contains(says, Refusal("sora-2", new(prompt), new()), StringComparison.Ordinal);

    [Fact]
    public void Plan_PromptOverTheBudget_IsRefused()
    {
        Assert.Contains("226 tokens", Refusal("THUDM/CogVideoX-2b", new(string.Join(' ', Enumerable.Repeat("word", 227))), new()), StringComparison.Ordinal);
        Assert.Contains("at most 512", Refusal("cogvideox-3", new(new string('a', 513)), new()), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_StartFrame_IsHeldAgainstTheModel()
    {
        var frame = new VideoClip(new byte[12], 2, 2, 1);
        Assert.Contains("text alone", Refusal("THUDM/CogVideoX-2b", new("a cat") { StartFrame = frame }, new()), StringComparison.Ordinal);
        Assert.Contains("StartFrame", Refusal("stable-video-diffusion", new("a cat"), new()), StringComparison.Ordinal);
        Assert.Contains("one frame", Refusal("sora-2", new("a cat") { StartFrame = new(new byte[24], 2, 2, 1) }, new()), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_SecondsAndRate_BecomeFramesByTheRule()
    {
        VideoDefaults usual = new() { Seconds = 6, FramesPerSecond = 8 };
        Assert.Equal(49, VideoPlan.Of(new("a cat"), null, usual, VideoModels.CogVideoX).Frames);
        Assert.Equal(25, VideoPlan.Of(new("a cat"), new() { FrameCount = 25 }, usual, VideoModels.CogVideoX).Frames);
        Assert.Equal(8, VideoPlan.Of(new("a cat"), new() { FrameCount = 192 }, new(), VideoModels.Sora2).Seconds);
    }

    [Fact]
    public void Rule_AnyWish_NearIsAllowedAndNothingAllowedIsNearer() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 3], Gen.Int[1, 30], Gen.Int[0, 100], Gen.Int[-50, 300]).Sample((step, offset, min, more, wish) =>
        {
            var rule = new FrameRule(step, offset, min, min + step + more);
            var allowed = Enumerable.Range(rule.Min, rule.Max - rule.Min + 1).Where(rule.Allows).ToList();
            Assert.All(rule.Near(wish), near => Assert.True(rule.Allows(near)));
            Assert.Equal(allowed.Min(n => Math.Abs(n - wish)), Math.Abs(rule.Nearest(wish) - wish));
        });

    [Fact]
    public void Find_PublishedNames_AreKnown() => Assert.All(Models, model => Assert.NotSame(VideoModels.Any, VideoModels.Find(model)));

    [Fact]
    public void Id_AnyChange_IsAnotherClip()
    {
        var plan = VideoPlan.Of(new("a cat"), null, new(), VideoModels.Any);
        VideoPlan[] others = [plan with { Prompt = "a dog" }, plan with { Seed = 1 }, plan with { Width = 8, Height = 8 }, plan with { Steps = 3 }, plan with { Model = "m" }, plan with { StartFrame = [1] }, plan with { NegativePrompt = "x" }];
        Assert.Equal(others.Length + 2, others.Append(plan).Select(p => p.IdAt("s")).Append(plan.IdAt("t")).Distinct().Count());
    }
}
