using System.Text.Json.Nodes;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>What each provider is sent for one and the same wish.</summary>
public sealed class RequestShapeTests : IDisposable
{
    private static readonly VideoRequest Request = new("a \"red\" ball – rolls") { Seed = 42, NegativePrompt = "blur" };
    private static readonly VideoOptions Options = new() { Width = 720, Height = 480, FrameCount = 49, FramesPerSecond = 8, Steps = 30, GuidanceScale = 6.5 };
    private static readonly VideoClip Frame = new(new byte[12], 2, 2, 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-shape-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<FakeRequest> Sent(string provider, VideoRequest request, VideoOptions? options, Action<HostedVideoOptions>? more = null)
    {
        await using var fake = Generators.Fake(provider);
        await using var services = Generators.Build(provider, fake, _folder, chosen => { chosen.Capabilities = VideoModels.Any; more?.Invoke(chosen); });
        await Generators.Get(services).GenerateAsync(request, options, cancellationToken: TestContext.Current.CancellationToken);
        return fake.Requests.First(sent => sent.Method == "POST" && sent.Path != "/upload/image");
    }

    private static void SameJson(string expected, string body) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(body)), $"expected {expected}\nfound    {body}");

    [Theory]
    [InlineData(VideosApiDialect.SGLang)]
    [InlineData(VideosApiDialect.FastVideo)]
    public async Task VideosApi_SelfHosted_GetsAllFieldsAsJson(VideosApiDialect dialect)
    {
        var sent = await Sent("videos", Request, Options, options => ((VideosApiOptions)options).Dialect = dialect);
        SameJson("""{"prompt":"a \"red\" ball – rolls","model":"m","size":"720x480","num_frames":49,"fps":8,"num_inference_steps":30,"guidance_scale":6.5,"seed":42,"negative_prompt":"blur"}""", sent.Body);
    }

    [Fact]
    public async Task VideosApi_VllmOmni_GetsAFormWithWidthAndHeight()
    {
        var sent = await Sent("videos", Request with { StartFrame = Frame }, Options, options => ((VideosApiOptions)options).Dialect = VideosApiDialect.VllmOmni);
        Assert.StartsWith("multipart/form-data", sent.ContentType, StringComparison.Ordinal);
        foreach (var (name, value) in new[] { ("prompt", Request.Prompt), ("width", "720"), ("height", "480"), ("num_frames", "49"), ("fps", "8"), ("num_inference_steps", "30"), ("guidance_scale", "6.5"), ("seed", "42"), ("negative_prompt", "blur") })
            Assert.Equal(value, FakeVideosApi.FormField(sent.Body, name));
        Assert.Contains("PNG", FakeVideosApi.FormField(sent.Body, "input_reference"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VideosApi_OpenAI_GetsSecondsAsText()
    {
        var sent = await Sent("videos", new("a ball"), new() { Width = 1280, Height = 720, FrameCount = 96, ModelId = "sora-2" }, options => (((VideosApiOptions)options).Dialect, options.Capabilities) = (VideosApiDialect.OpenAI, null));
        SameJson("""{"prompt":"a ball","model":"sora-2","size":"1280x720","seconds":"4"}""", sent.Body);
    }

    [Fact]
    public async Task Zhipu_GetsDurationSizeAndPicture()
    {
        var sent = await Sent("zhipu", new VideoRequest("a ball") { StartFrame = Frame }, new() { Width = 1280, Height = 720, FrameCount = 150, FramesPerSecond = 30, AdditionalProperties = new Dictionary<string, object?> { ["quality"] = "speed", ["with_audio"] = false } });
        var body = JsonNode.Parse(sent.Body)!;
        Assert.Equal(("cogvideox-3", "1280x720", 5, 30, "speed", false), ((string)body["model"]!, (string)body["size"]!, (int)body["duration"]!, (int)body["fps"]!, (string)body["quality"]!, (bool)body["with_audio"]!));
        Assert.StartsWith("data:image/png;base64,", (string)body["image_url"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fal_NamesOfTheModel_AreUsed()
    {
        var sent = await Sent("fal", Request, Options, options =>
        {
            var fal = (FalOptions)options;
            (fal.Fields["width"], fal.Fields["height"], fal.Fields["size"], fal.SizeFormat, fal.Fields["frames"], fal.Fields["seconds"]) = ("", "", "video_size", "object", "", "duration");
            fal.Defaults.Extra["use_rife"] = "true";
        });
        SameJson("""{"prompt":"a \"red\" ball – rolls","negative_prompt":"blur","video_size":{"width":720,"height":480},"duration":6.125,"export_fps":8,"num_inference_steps":30,"guidance_scale":6.5,"seed":42,"use_rife":true}""", sent.Body);
    }

    [Fact]
    public async Task Fal_NoFieldForAValue_IsRefusedBeforeAnyRequest()
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => Sent("fal", Request, Options, options => ((FalOptions)options).Fields["steps"] = ""));
        Assert.Contains("no field for steps", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zhipu")]
    [InlineData("videos")]
    public async Task Generate_FramesWithoutRateAtAServiceOfSeconds_IsRefusedAndLeavesNoJob(string provider)
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => Sent(provider, new("a ball"), new() { FrameCount = 49 }, options =>
        {
            if (options is VideosApiOptions videos)
                videos.Dialect = VideosApiDialect.OpenAI;
        }));
        Assert.Contains("FramesPerSecond", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "jobs.jsonl")));
    }

    [Fact]
    public async Task VideosApi_SGLangWithAPicture_HasAllFieldsInExtraBody()
    {
        var sent = await Sent("videos", Request with { StartFrame = Frame }, Options);
        var extra = JsonNode.Parse(FakeVideosApi.FormField(sent.Body, "extra_body")!)!;
        Assert.Equal((42, 30, "blur"), ((int)extra["seed"]!, (int)extra["num_inference_steps"]!, (string)extra["negative_prompt"]!));
    }

    [Fact]
    public async Task ComfyUi_WorkflowWithoutAPlaceForAValue_IsRefused()
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => Sent("comfyui", new VideoRequest("a ball") { StartFrame = Frame }, null));
        Assert.Contains("{{start_frame}}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lucataco/video", "/v1/models/lucataco/video/predictions", null)]
    [InlineData("owner/name:abc123", "/v1/predictions", "abc123")]
    [InlineData("abc123", "/v1/predictions", "abc123")]
    public async Task Replicate_ModelOrVersion_GoesToItsAddress(string model, string path, string? version)
    {
        var sent = await Sent("replicate", new("a ball") { Seed = 5 }, null, options => options.Defaults.Model = model);
        Assert.Equal((path, version), (sent.Path, (string?)JsonNode.Parse(sent.Body)!["version"]));
        SameJson("""{"prompt":"a ball","seed":5}""", JsonNode.Parse(sent.Body)!["input"]!.ToJsonString());
    }

    [Fact]
    public async Task ComfyUi_Workflow_IsFilledAndNumbersStayNumbers()
    {
        var sent = await Sent("comfyui", Request with { NegativePrompt = null }, new() { AdditionalProperties = new Dictionary<string, object?> { ["3.inputs.cfg"] = 4.5 } });
        var graph = JsonNode.Parse(sent.Body)!["prompt"]!;
        Assert.Equal((42, 4.5, Request.Prompt), ((long)graph["3"]!["inputs"]!["seed"]!, (double)graph["3"]!["inputs"]!["cfg"]!, (string)graph["6"]!["inputs"]!["text"]!));
        Assert.True(Guid.TryParse((string)JsonNode.Parse(sent.Body)!["prompt_id"]!, out _));
    }

    [Theory]
    [InlineData("{{prompt}} and {{nothing}}", "known are")]
    [InlineData("{{width}}", "needs {{width}}")]
    public void Template_UnknownOrOpenPlace_IsRefused(string text, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => PlanTemplate.Fill(text, PlanTemplate.Values(VideoPlan.Of(new("a"), null, new(), VideoModels.Any)))).Message, StringComparison.Ordinal);
}
