using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>Zhipu and Z.ai: POST videos/generations, GET async-result/{id}. A request_id is sent for tracing: the documentation promises neither that a repeated one gives the same job nor a way to ask for a job by it.</summary>
internal sealed class Zhipu(ServiceConnection connection) : VideoService(connection)
{
    protected override string Kind => "Zhipu";

    public override void Check(VideoPlan plan) => Body(plan, "");

    public override async Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken)
    {
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At("videos/generations"), JobBody.Json(Body(plan, key))), cancellationToken).ConfigureAwait(false);
        return answer.Text("id") is { } id
            ? Read(answer) with { JobId = id }
            : throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected a job with an id, found {Connection.Quote(answer.GetRawText())}");
    }

    public override async Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken) =>
        Read(await Connection.JsonAsync(new(HttpMethod.Get, Connection.At($"async-result/{Uri.EscapeDataString(job.JobId!)}")), cancellationToken).ConfigureAwait(false));

    private static JsonObject Body(VideoPlan plan, string key) => new JsonObject { ["model"] = plan.Model, ["prompt"] = plan.Prompt, ["request_id"] = key }
        .With("image_url", JobBody.DataUri(plan)).With("size", plan.Size?.ToString())
        .With("fps", plan.Rate is { } rate ? (int)Math.Round(rate) : null).With("duration", plan.WholeSeconds).WithExtra(plan);

    private static JobStatus Read(JsonElement answer) => new(answer.Text("task_status") switch
    {
        "SUCCESS" => JobState.Succeeded,
        "FAIL" => JobState.Failed,
        "PROCESSING" => JobState.Running,
        var other => throw new ServiceException(ServiceFailure.Unclear, $"expected a task_status, found {other ?? "none"}"),
    })
    {
        Link = answer.List("video_result").Select(video => video.Text("url")).FirstOrDefault(url => url is not null),
        Code = answer.Inside("error")?.Text("code"),
        Error = answer.Message("error"),
    };
}
