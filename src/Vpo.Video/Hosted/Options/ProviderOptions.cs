namespace Vpo.Video.Hosted;

/// <summary>Which server speaks the shape of <c>/v1/videos</c>, and so which fields it knows.</summary>
public enum VideosApiDialect
{
    /// <summary>The shape as OpenAI published it: prompt, model, seconds, size, input_reference; no seed, steps or frames. OpenAI's own service ended in September 2026.</summary>
    OpenAI,

    /// <summary>SGLang: JSON with fps, num_frames, seed, num_inference_steps, guidance_scale, negative_prompt.</summary>
    SGLang,

    /// <summary>vLLM-Omni: the same fields and width and height, as a form.</summary>
    VllmOmni,

    /// <summary>FastVideo: as SGLang.</summary>
    FastVideo,
}

/// <summary>A server with <c>POST /v1/videos</c>.</summary>
public sealed class VideosApiOptions() : HostedVideoOptions(null, "OPENAI_API_KEY", needsKey: false)
{
    /// <summary>Which fields the server knows. Default <see cref="VideosApiDialect.SGLang"/>.</summary>
    public VideosApiDialect Dialect { get; set; } = VideosApiDialect.SGLang;

    /// <summary>Whether the server answers a repeated submit with the same Idempotency-Key by the same job. Default false; some gateways do.</summary>
    public bool HonoursIdempotencyKey { get; set; }

    internal override VideoCapabilities CapabilitiesOf(string? model) => Dialect == VideosApiDialect.OpenAI
        ? base.CapabilitiesOf(model) with { NegativePrompt = false, Seed = false, Steps = false, Guidance = false }
        : base.CapabilitiesOf(model);
}

/// <summary>Zhipu (open.bigmodel.cn) or Z.ai.</summary>
public sealed class ZhipuOptions : HostedVideoOptions
{
    /// <summary>With the address of Z.ai and the model cogvideox-3.</summary>
    public ZhipuOptions() : base("https://api.z.ai/api/paas/v4/", "ZAI_API_KEY", needsKey: true) => Defaults.Model = "cogvideox-3";

    internal override VideoCapabilities CapabilitiesOf(string? model) => base.CapabilitiesOf(model) with { NegativePrompt = false, Seed = false, Steps = false, Guidance = false };

    internal override IEnumerable<string> Problems() => [.. base.Problems(), .. ModelProblem.Of(Defaults.Model, "cogvideox-3")];
}

/// <summary>A service whose models have input fields of their own.</summary>
public abstract class ModelFieldsOptions : HostedVideoOptions
{
    private protected ModelFieldsOptions(string baseAddress, string variable) : base(baseAddress, variable, needsKey: true) { }

    /// <summary>
    /// The model's names for prompt, negative_prompt, width, height, size, frames, seconds, rate, steps, guidance, seed and start_frame, where they differ from the usual ones;
    /// empty for what the model does not take.
    /// </summary>
    public IDictionary<string, string> Fields { get; } = new Dictionary<string, string>();

    /// <summary>How <c>size</c> is written when it has a name: "object" for {"width":..,"height":..}, else a text with {width} and {height}. Default "{width}x{height}".</summary>
    public string SizeFormat { get; set; } = "{width}x{height}";

    internal override IEnumerable<string> Problems() =>
        [.. base.Problems(), .. ModelFields.Unknown(Fields.Keys).Select(name => $"Fields: expected names out of {ModelFields.Known}, found '{name}'")];
}

/// <summary>fal's queue.</summary>
public sealed class FalOptions() : ModelFieldsOptions("https://queue.fal.run/", "FAL_KEY")
{
    /// <summary>Where fal lists the requests of an account ("List requests by endpoint"), with the same key: a submit whose answer was lost is looked for there. Null: it is not looked for.</summary>
    public Uri? HistoryAddress { get; set; } = new("https://api.fal.ai/v1/");

    internal override IEnumerable<string> Problems() => [.. base.Problems(), .. ModelProblem.Of(Defaults.Model, "fal-ai/cogvideox-5b")];
}

/// <summary>Replicate.</summary>
public sealed class ReplicateOptions() : ModelFieldsOptions("https://api.replicate.com/v1/", "REPLICATE_API_TOKEN")
{
    internal override IEnumerable<string> Problems() => [.. base.Problems(), .. ModelProblem.Of(Defaults.Model, "owner/name or a version of 64 digits")];
}

/// <summary>A ComfyUI server and a workflow.</summary>
public sealed class ComfyUiOptions() : HostedVideoOptions("http://127.0.0.1:8188/", "COMFYUI_API_KEY", needsKey: false)
{
    /// <summary>The file of a workflow, saved with "Export (API)", with {{prompt}}, {{negative_prompt}}, {{seed}}, {{width}}, {{height}}, {{frames}}, {{rate}}, {{steps}}, {{guidance}}, {{start_frame}} where these belong.</summary>
    public string Workflow { get; set; } = "";

    /// <summary>The node whose file is the clip; null: the only one that writes a video.</summary>
    public string? OutputNode { get; set; }

    internal override IEnumerable<string> Problems() => File.Exists(Workflow) ? base.Problems() : [.. base.Problems(), $"Workflow: expected the file of a workflow in API format, found '{Workflow}', which does not exist"];
}

internal static class ModelProblem
{
    public static IEnumerable<string> Of(string? model, string example) => string.IsNullOrWhiteSpace(model) ? [$"Defaults.Model: expected the name of a model ({example}), found nothing"] : [];
}
