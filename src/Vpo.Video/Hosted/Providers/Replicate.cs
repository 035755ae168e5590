using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>Replicate: predictions of a model (owner/name) or of a version. There is no key for repeating a submit; lost ones are found in the list of predictions by their input.</summary>
internal sealed class Replicate(ServiceConnection connection, ReplicateOptions options) : VideoService(connection)
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
    private static readonly Dictionary<string, string> Names = [];

    protected override string Kind => "Replicate";

    public override void Check(VideoPlan plan) => ModelFields.Write(plan, options, Names);

    public override async Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["input"] = ModelFields.Write(plan, options, Names) };
        var version = plan.Model!.Split(':') is [_, var hash] ? hash : plan.Model.Contains('/', StringComparison.Ordinal) ? null : plan.Model;
        var address = version is null ? $"models/{plan.Model}/predictions" : "predictions";
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At(address), JobBody.Json(body.With("version", version))), cancellationToken).ConfigureAwait(false);
        return answer.Text("id") is not null ? Read(answer) : throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected a prediction with an id, found {Connection.Quote(answer.GetRawText())}");
    }

    public override async Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken) =>
        Read(await Connection.JsonAsync(new(HttpMethod.Get, At(job)), cancellationToken).ConfigureAwait(false));

    public override async Task<bool> CancelAsync(VideoJob job, CancellationToken cancellationToken)
    {
        using var response = await Connection.SendAsync(JobBody.Post(new Uri(At(job) + "/cancel"), null), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public override async Task<JobSearch> FindAsync(VideoPlan plan, VideoJob job, string key, Func<string, bool> isKnown, CancellationToken cancellationToken)
    {
        var answer = await Connection.JsonAsync(new(HttpMethod.Get, Connection.At("predictions")), cancellationToken).ConfigureAwait(false);
        if (answer.Inside("results") is not { ValueKind: JsonValueKind.Array })
            return JobSearch.Unknown;
        var input = ModelFields.Write(plan, options, Names);
        List<JsonElement> fresh = [.. answer.List("results").Where(entry => entry.Text("id") is { } id && !isKnown(id) && !IsOlder(entry, job.Time - ClockTolerance))];
        if (fresh.FirstOrDefault(entry => entry.Inside("input") is { } used && JsonNode.DeepEquals(JsonNode.Parse(used.GetRawText()), input)) is { ValueKind: JsonValueKind.Object } found)
            return new(SearchOutcome.Found, Read(found));
        return fresh.All(entry => entry.Inside("input") is not null) ? JobSearch.Absent : JobSearch.Unknown;
    }

    private Uri At(VideoJob job) => Connection.At($"predictions/{Uri.EscapeDataString(job.JobId!)}");

    private static bool IsOlder(JsonElement entry, DateTimeOffset than) =>
        DateTimeOffset.TryParse(entry.Text("created_at"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) && time < than;

    private static JobStatus Read(JsonElement answer) => new(answer.Text("status") switch
    {
        "succeeded" => JobState.Succeeded,
        "failed" or "canceled" or "aborted" => JobState.Failed,
        "processing" => JobState.Running,
        "starting" or "queued" => JobState.Queued,
        var other => throw new ServiceException(ServiceFailure.Unclear, $"expected a prediction with a status, found {other ?? "none"}"),
    })
    {
        JobId = answer.Text("id"),
        Link = answer.Inside("output") is { } output ? OutputLinks.First(output) : null,
        Error = answer.Message("error") ?? answer.Text("status"),
    };
}
