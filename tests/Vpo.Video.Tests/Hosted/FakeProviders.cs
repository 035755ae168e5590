using System.Text.Json.Nodes;

namespace Vpo.Video.Tests.Hosted;

/// <summary>The shape of /v1/videos.</summary>
internal sealed class FakeVideosApi : FakeService
{
    /// <summary>SGLang's list has no prompts.</summary>
    public bool ListsPrompts { get; init; } = true;

    protected override (Verb, string?) Route(FakeRequest request) => (request.Method, request.Path.Split('/')) switch
    {
        ("POST", ["", "v1", "videos"]) => (Verb.Submit, null),
        ("GET", ["", "v1", "videos"]) => (Verb.Search, null),
        ("GET", ["", "v1", "videos", var id]) => (Verb.Poll, id),
        ("GET", ["", "v1", "videos", var id, "content"]) => (Verb.Download, id),
        ("DELETE", ["", "v1", "videos", var id]) => (Verb.Cancel, id),
        _ => (Verb.Other, null),
    };

    protected override string PromptOf(FakeRequest request) => request.ContentType!.StartsWith("application/json", StringComparison.Ordinal)
        ? JsonNode.Parse(request.Body)!["prompt"]!.GetValue<string>()
        : FormField(request.Body, "prompt")!;

    public static string? FormField(string body, string name)
    {
        var parts = body.Split("\r\n");
        var at = Array.FindIndex(parts, part => part.StartsWith("Content-Disposition", StringComparison.Ordinal) && (part.Contains($"name={name}", StringComparison.Ordinal) || part.Contains($"name=\"{name}\"", StringComparison.Ordinal)));
        return at < 0 ? null : parts[Array.IndexOf(parts, "", at) + 1];
    }

    protected override string Submitted(FakeJob job) => Describe(job).ToJsonString();

    protected override string Polled(FakeJob job, FakeRequest request) => Describe(job).ToJsonString();

    protected override string Found() => new JsonObject { ["object"] = "list", ["data"] = new JsonArray([.. Jobs.Values.Select(Describe)]) }.ToJsonString();

    private JsonObject Describe(FakeJob job)
    {
        var json = new JsonObject
        {
            ["id"] = job.Id,
            ["object"] = "video",
            ["model"] = "m",
            ["status"] = !job.IsDone ? job.Polls == 0 ? "queued" : "in_progress" : job.Fails ? "failed" : "completed",
            ["progress"] = Math.Min(100, job.Polls * 30),
            ["created_at"] = 1_800_000_000,
            ["error"] = job is { IsDone: true, Fails: true } ? new JsonObject { ["message"] = "out of memory", ["code"] = "internal" } : null,
        };
        if (ListsPrompts)
            json["prompt"] = job.Prompt;
        return json;
    }
}

internal sealed class FakeZhipu : FakeService
{
    protected override (Verb, string?) Route(FakeRequest request) => (request.Method, request.Path.Split('/')) switch
    {
        ("POST", ["", "api", "videos", "generations"]) => (Verb.Submit, null),
        ("GET", ["", "api", "async-result", var id]) => (Verb.Poll, id),
        ("GET", ["", "cdn", var id]) => (Verb.Download, id),
        _ => (Verb.Other, null),
    };

    protected override string PromptOf(FakeRequest request) => JsonNode.Parse(request.Body)!["prompt"]!.GetValue<string>();

    protected override string Submitted(FakeJob job) => $$"""{"id":"{{job.Id}}","model":"cogvideox-3","request_id":"r","task_status":"PROCESSING"}""";

    protected override string Polled(FakeJob job, FakeRequest request) => !job.IsDone
        ? """{"model":"cogvideox-3","task_status":"PROCESSING"}"""
        : job.Fails
            ? """{"task_status":"FAIL","error":{"code":"1234","message":"network error"}}"""
            : $$"""{"task_status":"SUCCESS","video_result":[{"url":"{{Address}}cdn/{{job.Id}}?signature=s3cret","cover_image_url":"x"}]}""";
}

internal sealed class FakeFal : FakeService
{
    protected override (Verb, string?) Route(FakeRequest request) => (request.Method, request.Path.Split('/')) switch
    {
        ("POST", ["", "fal-ai", "cogvideox-5b"]) => (Verb.Submit, null),
        ("GET", ["", "fal-ai", "cogvideox-5b", "requests", var id, "status"]) => (Verb.Poll, id),
        ("GET", ["", "fal-ai", "cogvideox-5b", "requests", var id]) => (Verb.Poll, id),
        ("PUT", ["", "fal-ai", "cogvideox-5b", "requests", var id, "cancel"]) => (Verb.Cancel, id),
        ("GET", ["", "files", var id]) => (Verb.Download, id),
        ("GET", ["", "history", "models", "requests", "by-endpoint"]) => (Verb.Search, null),
        _ => (Verb.Other, null),
    };

    /// <summary>Requests that have ended, with what was sent.</summary>
    protected override string Found() => new JsonObject
    {
        ["items"] = new JsonArray([.. Jobs.Values.Where(job => job.IsDone).Select(job => new JsonObject
        {
            ["request_id"] = job.Id,
            ["endpoint_id"] = "fal-ai/cogvideox-5b",
            ["status_code"] = 200,
            ["json_input"] = JsonNode.Parse(job.Body),
        })]),
        ["has_more"] = false,
    }.ToJsonString();

    protected override string PromptOf(FakeRequest request) => JsonNode.Parse(request.Body)!["prompt"]!.GetValue<string>();

    protected override string Submitted(FakeJob job) => $$"""
        {"status":"IN_QUEUE","request_id":"{{job.Id}}","response_url":"{{Address}}fal-ai/cogvideox-5b/requests/{{job.Id}}",
         "status_url":"{{Address}}fal-ai/cogvideox-5b/requests/{{job.Id}}/status","cancel_url":"{{Address}}fal-ai/cogvideox-5b/requests/{{job.Id}}/cancel"}
        """;

    protected override string Polled(FakeJob job, FakeRequest request) => !request.Path.EndsWith("/status", StringComparison.Ordinal)
        ? $$"""{"video":{"url":"{{Address}}files/{{job.Id}}","content_type":"video/mp4"},"seed":1}"""
        : !job.IsDone ? """{"status":"IN_PROGRESS","logs":[]}""" : job.Fails ? """{"status":"COMPLETED","error":"runner died","error_type":"runner_error"}""" : """{"status":"COMPLETED","metrics":{}}""";
}

internal sealed class FakeReplicate : FakeService
{
    protected override (Verb, string?) Route(FakeRequest request) => (request.Method, request.Path.Split('/')) switch
    {
        ("POST", ["", "v1", "predictions"]) or ("POST", ["", "v1", "models", _, _, "predictions"]) => (Verb.Submit, null),
        ("GET", ["", "v1", "predictions"]) => (Verb.Search, null),
        ("GET", ["", "v1", "predictions", var id]) => (Verb.Poll, id),
        ("POST", ["", "v1", "predictions", var id, "cancel"]) => (Verb.Cancel, id),
        ("GET", ["", "delivery", var id, "out.mp4"]) => (Verb.Download, id),
        _ => (Verb.Other, null),
    };

    protected override string PromptOf(FakeRequest request) => JsonNode.Parse(request.Body)!["input"]!["prompt"]!.GetValue<string>();

    protected override string Submitted(FakeJob job) => Describe(job).ToJsonString();

    protected override string Polled(FakeJob job, FakeRequest request) => Describe(job).ToJsonString();

    protected override string Found() => new JsonObject { ["next"] = null, ["results"] = new JsonArray([.. Jobs.Values.Select(Describe)]) }.ToJsonString();

    private JsonObject Describe(FakeJob job) => new()
    {
        ["id"] = job.Id,
        ["status"] = !job.IsDone ? "processing" : job.Fails ? "failed" : "succeeded",
        ["input"] = JsonNode.Parse(job.Body)!["input"]!.DeepClone(),
        ["output"] = job is { IsDone: true, Fails: false } ? new JsonArray($"{Address}delivery/{job.Id}/out.mp4") : null,
        ["error"] = job is { IsDone: true, Fails: true } ? "CUDA error" : null,
        ["created_at"] = "2099-01-01T00:00:00.000Z",
    };
}

internal sealed class FakeComfyUi : FakeService
{
    protected override (Verb, string?) Route(FakeRequest request) => (request.Method, request.Path.Split('/')) switch
    {
        ("POST", ["", "prompt"]) => (Verb.Submit, null),
        ("GET", ["", "history", var id]) => (Verb.Poll, id),
        ("GET", ["", "queue"]) => (Verb.Search, null),
        ("POST", ["", "queue"]) or ("POST", ["", "interrupt"]) => (Verb.Cancel, CanceledId(request)),
        ("GET", ["", "view"]) => (Verb.Download, request.Query.Split("filename=")[1].Split('&')[0].Replace("_00001_.mp4", "", StringComparison.Ordinal)),
        _ => (Verb.Other, null),
    };

    private static string? CanceledId(FakeRequest request)
    {
        var body = JsonNode.Parse(request.Body)!;
        return (body["prompt_id"] ?? body["delete"]?[0])?.GetValue<string>();
    }

    protected override string PromptOf(FakeRequest request) => JsonNode.Parse(request.Body)!["prompt"]!["6"]!["inputs"]!["text"]!.GetValue<string>();

    protected override string NewId(FakeRequest request, int number) => JsonNode.Parse(request.Body)!["prompt_id"]!.GetValue<string>();

    protected override string Submitted(FakeJob job) => $$"""{"prompt_id":"{{job.Id}}","number":1,"node_errors":{ } }""";

    protected override string Polled(FakeJob job, FakeRequest request) => !job.IsDone ? "{}" : new JsonObject
    {
        [job.Id] = new JsonObject
        {
            ["status"] = new JsonObject { ["status_str"] = job.Fails ? "error" : "success", ["completed"] = !job.Fails, ["messages"] = new JsonArray() },
            ["outputs"] = new JsonObject { ["9"] = new JsonObject { ["images"] = new JsonArray(new JsonObject { ["filename"] = $"{job.Id}_00001_.mp4", ["subfolder"] = "", ["type"] = "output" }) } },
        },
    }.ToJsonString();

    protected override string Found() => new JsonObject
    {
        ["queue_running"] = new JsonArray([.. Jobs.Values.Where(job => !job.IsDone && !job.IsCanceled).Select(job => new JsonArray(1, job.Id, new JsonObject()))]),
        ["queue_pending"] = new JsonArray(),
    }.ToJsonString();

    protected override string Other(FakeRequest request) => request.Path == "/upload/image" ? """{"name":"up.png","subfolder":"","type":"input"}""" : "{}";

    /// <summary>An id that is not in the history gives an empty object.</summary>
    protected override (int Status, byte[] Body) Unknown(Verb verb) => verb == Verb.Poll ? (200, "{}"u8.ToArray()) : (404, []);
}
