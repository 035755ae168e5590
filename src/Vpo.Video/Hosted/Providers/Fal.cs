using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>fal's queue: the answer to a submit names the addresses of the job.</summary>
/// <remarks>
/// fal documents no key for repeating a submit (its page of platform headers lists all headers that it knows). What it has is the history of an account, sorted by the end of the requests: a lost job
/// that is in it is taken up; that one is absent says nothing, since it may still wait.
/// </remarks>
internal sealed class Fal(ServiceConnection connection, FalOptions options) : VideoService(connection)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
    private const string StatusLink = "status", ResponseLink = "response", CancelLink = "cancel";
    private static readonly Dictionary<string, string> Names = new() { ["start_frame"] = "image_url", ["rate"] = "export_fps" };

    protected override string Kind => "fal";

    public override void Check(VideoPlan plan) => ModelFields.Write(plan, options, Names);

    public override async Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken)
    {
        var body = ModelFields.Write(plan, options, Names);
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At(plan.Model!), JobBody.Json(body)), cancellationToken).ConfigureAwait(false);
        if (answer.Text("request_id") is not { } id)
            throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected a request_id, found {Connection.Quote(answer.GetRawText())}");
        return Queued(plan, id, answer);
    }

    public override string WhenLost => "fal lists a request when it has ended: make the same request again then, and it is taken up";

    public override async Task<JobSearch> FindAsync(VideoPlan plan, VideoJob job, string key, Func<string, bool> isKnown, CancellationToken cancellationToken)
    {
        if (options.HistoryAddress is not { } address)
            return JobSearch.Unknown;
        var since = Uri.EscapeDataString((job.Time - ClockTolerance).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        var history = Connection.To(address);
        var answer = await history.JsonAsync(
            new(HttpMethod.Get, history.At($"models/requests/by-endpoint?endpoint_id={Uri.EscapeDataString(plan.Model!)}&start={since}&expand=payloads&limit=100")), cancellationToken).ConfigureAwait(false);
        var input = ModelFields.Write(plan, options, Names);
        return answer.List("items").FirstOrDefault(entry => entry.Text("request_id") is { } id && !isKnown(id)
            && entry.Inside("json_input") is { } used && JsonNode.DeepEquals(JsonNode.Parse(used.GetRawText()), input)) is { ValueKind: JsonValueKind.Object } found
            ? new(SearchOutcome.Found, Queued(plan, found.Text("request_id")!, found))
            : JobSearch.Unknown;
    }

    private static JobStatus Queued(VideoPlan plan, string id, JsonElement answer)
    {
        var app = string.Join('/', plan.Model!.Split('/').Take(2));   // addresses of a job have owner and app only
        return new(JobState.Queued)
        {
            JobId = id,
            Links = new Dictionary<string, string>
            {
                [StatusLink] = answer.Text("status_url") ?? $"{app}/requests/{id}/status",
                [ResponseLink] = answer.Text("response_url") ?? $"{app}/requests/{id}",
                [CancelLink] = answer.Text("cancel_url") ?? $"{app}/requests/{id}/cancel",
            },
        };
    }

    public override async Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken)
    {
        var answer = await Connection.JsonAsync(new(HttpMethod.Get, Link(job, StatusLink)), cancellationToken).ConfigureAwait(false);
        return answer.Text("status") switch
        {
            "IN_QUEUE" => new(JobState.Queued) { JobId = job.JobId },
            "IN_PROGRESS" => new(JobState.Running) { JobId = job.JobId },
            "COMPLETED" when answer.Inside("error") is not null => new(JobState.Failed) { JobId = job.JobId, Code = answer.Text("error_type"), Error = answer.Message("error") },
            "COMPLETED" => await ResultAsync(job, cancellationToken).ConfigureAwait(false),
            var other => throw new ServiceException(ServiceFailure.Unclear, $"expected a status, found {other ?? "none"}"),
        };
    }

    public override async Task<bool> CancelAsync(VideoJob job, CancellationToken cancellationToken)
    {
        using var response = await Connection.SendAsync(new(HttpMethod.Put, Link(job, CancelLink)), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>A model that failed answers its result with 4xx.</summary>
    private async Task<JobStatus> ResultAsync(VideoJob job, CancellationToken cancellationToken)
    {
        try
        {
            var result = await Connection.JsonAsync(new(HttpMethod.Get, Link(job, ResponseLink)), cancellationToken).ConfigureAwait(false);
            return new(JobState.Succeeded) { JobId = job.JobId, Link = OutputLinks.First(result) };
        }
        catch (ServiceException e) when (e.Failure == ServiceFailure.Refused)
        {
            return new(JobState.Failed) { JobId = job.JobId, Code = e.Code, Error = e.Message };
        }
    }

    private Uri Link(VideoJob job, string name) => Connection.At(job.Links?.GetValueOrDefault(name) ?? throw new ServiceException(ServiceFailure.Gone, $"the line of the job {job.JobId} lacks its {name} address"));
}
