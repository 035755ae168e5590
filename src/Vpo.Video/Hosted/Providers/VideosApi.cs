using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>Servers with the shape that OpenAI published: POST /v1/videos, GET /v1/videos/{id}, GET /v1/videos/{id}/content.</summary>
internal sealed class VideosApi(ServiceConnection connection, VideosApiOptions options) : VideoService(connection)
{
    private const int ClockTolerance = 300, Listed = 100;

    protected override string Kind => "videos API";

    public override bool RepeatsSafely => options.HonoursIdempotencyKey;

    public override void Check(VideoPlan plan) => Fields(plan, asForm: true);

    public override async Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken)
    {
        var asForm = options.Dialect == VideosApiDialect.VllmOmni || (plan.StartFrame is not null && options.Dialect != VideosApiDialect.FastVideo);
        var fields = Fields(plan, asForm);
        if (asForm && options.Dialect == VideosApiDialect.SGLang)
            fields["extra_body"] = fields.DeepClone();   // its form knows few fields by themselves
        var content = asForm ? JobBody.Form(fields, "input_reference", plan.StartFrame) : JobBody.Json(fields);
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At("v1/videos"), content, key), cancellationToken).ConfigureAwait(false);
        return Read(answer) is { JobId: not null } status ? status : throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected a job with an id, found {Connection.Quote(answer.GetRawText())}");
    }

    public override async Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken) =>
        Read(await Connection.JsonAsync(new(HttpMethod.Get, At(job)), cancellationToken).ConfigureAwait(false));

    public override HttpRequestMessage Download(VideoJob job, JobStatus status) => new(HttpMethod.Get, new Uri(At(job) + "/content"));

    /// <summary>DELETE ends a job at vLLM-Omni; at the others it only removes finished ones.</summary>
    public override async Task<bool> CancelAsync(VideoJob job, CancellationToken cancellationToken)
    {
        if (options.Dialect != VideosApiDialect.VllmOmni)
            return false;
        using var response = await Connection.SendAsync(new(HttpMethod.Delete, At(job)), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Looks through the list of jobs: one of the same prompt that nobody here knows is the lost one. Servers that do not list prompts are only trusted when they list nothing new.</summary>
    public override async Task<JobSearch> FindAsync(VideoPlan plan, VideoJob job, string key, Func<string, bool> isKnown, CancellationToken cancellationToken)
    {
        var answer = await Connection.JsonAsync(new(HttpMethod.Get, Connection.At($"v1/videos?limit={Listed}&order=desc")), cancellationToken).ConfigureAwait(false);
        if (answer.Inside("data") is not { ValueKind: JsonValueKind.Array })
            return JobSearch.Unknown;
        var since = job.Time.ToUnixTimeSeconds() - ClockTolerance;
        List<JsonElement> fresh = [.. answer.List("data").Where(entry => entry.Text("id") is { } id && !isKnown(id) && (entry.Number("created_at") ?? double.MaxValue) >= since)];
        if (fresh.FirstOrDefault(entry => entry.Text("prompt") == plan.Prompt) is { ValueKind: JsonValueKind.Object } found)
            return new(SearchOutcome.Found, Read(found));
        return fresh.All(entry => entry.Text("prompt") is not null) ? JobSearch.Absent : JobSearch.Unknown;
    }

    private Uri At(VideoJob job) => Connection.At($"v1/videos/{Uri.EscapeDataString(job.JobId!)}");

    private JsonObject Fields(VideoPlan plan, bool asForm)
    {
        var body = new JsonObject { ["prompt"] = plan.Prompt }.With("model", plan.Model).With("size", plan.Size?.ToString());
        var own = options.Dialect == VideosApiDialect.OpenAI
            ? body.With("seconds", plan.WholeSeconds?.ToString(CultureInfo.InvariantCulture))
            : Extended(body, plan);
        if (!asForm)
            own.With("input_reference", JobBody.DataUri(plan));
        return own.WithExtra(plan);
    }

    private JsonObject Extended(JsonObject body, VideoPlan plan)
    {
        body.With("num_frames", plan.Frames).With("fps", plan.Rate is { } rate ? (int)Math.Round(rate) : null)
            .With("seconds", plan.Frames is null ? plan.WholeSeconds : null)
            .With("num_inference_steps", plan.Steps).With("guidance_scale", plan.Guidance).With("seed", plan.Seed)
            .With("negative_prompt", plan.NegativePrompt.Length > 0 ? plan.NegativePrompt : null);
        return options.Dialect == VideosApiDialect.VllmOmni ? body.With("width", plan.Width).With("height", plan.Height) : body;
    }

    private static JobStatus Read(JsonElement answer) => new(answer.Text("status") switch
    {
        "completed" or "succeeded" => JobState.Succeeded,
        "failed" or "cancelled" or "canceled" or "deleted" => JobState.Failed,
        "in_progress" or "processing" or "running" => JobState.Running,
        "queued" or "pending" => JobState.Queued,
        var other => throw new ServiceException(ServiceFailure.Unclear, $"expected a job with a status, found {other ?? "none"}"),
    })
    {
        JobId = answer.Text("id"),
        Percent = (int?)answer.Number("progress"),
        Code = answer.Inside("error")?.Text("code"),
        Error = answer.Message("error"),
    };
}
