using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vpo.Video.Hosted;

/// <summary>ComfyUI: the workflow is the request. The id of a job is chosen here, so a lost submit is found by asking for it.</summary>
internal sealed class ComfyUi(ServiceConnection connection, ComfyUiOptions options) : VideoService(connection)
{
    private const int GuidLength = 16;
    private static readonly string[] VideoLists = ["videos", "gifs", "images"], Extensions = [".mp4", ".webm", ".gif", ".webp", ".mkv", ".mov"];

    protected override string Kind => "ComfyUI";

    public override bool IsFree => true;

    public override void Check(VideoPlan plan) => Fill(plan, File.ReadAllText(options.Workflow), plan.StartFrame is null ? null : "start.png");

    public override async Task<JobStatus> SubmitAsync(VideoPlan plan, string key, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(options.Workflow, cancellationToken).ConfigureAwait(false);
        var workflow = Fill(plan, text, plan.StartFrame is { } png ? await UploadAsync(png, cancellationToken).ConfigureAwait(false) : null);
        var id = IdOf(key);
        var body = new JsonObject { ["prompt"] = workflow, ["client_id"] = id, ["prompt_id"] = id };
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At("prompt"), JobBody.Json(body)), cancellationToken).ConfigureAwait(false);
        return answer.Text("prompt_id") is { } given
            ? new(JobState.Queued) { JobId = given }
            : throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected a prompt_id, found {Connection.Quote(answer.GetRawText())}");
    }

    public override async Task<JobStatus> PollAsync(VideoJob job, CancellationToken cancellationToken) =>
        await FindAsync(job.JobId!, cancellationToken).ConfigureAwait(false) ?? throw new ServiceException(ServiceFailure.Gone, $"{Name} has the job {job.JobId} neither in its queue nor in its history");

    public override async Task<JobSearch> FindAsync(VideoPlan plan, VideoJob job, string key, Func<string, bool> isKnown, CancellationToken cancellationToken) =>
        await FindAsync(IdOf(key), cancellationToken).ConfigureAwait(false) is { } found ? new(SearchOutcome.Found, found) : JobSearch.Absent;

    public override async Task<bool> CancelAsync(VideoJob job, CancellationToken cancellationToken)
    {
        var isRunning = await PollAsync(job, cancellationToken).ConfigureAwait(false) is { State: JobState.Running };
        var request = isRunning
            ? JobBody.Post(Connection.At("interrupt"), JobBody.Json(new JsonObject { ["prompt_id"] = job.JobId }))
            : JobBody.Post(Connection.At("queue"), JobBody.Json(new JsonObject { ["delete"] = new JsonArray(job.JobId) }));
        using var response = await Connection.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<JobStatus?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var history = await Connection.JsonAsync(new(HttpMethod.Get, Connection.At($"history/{id}")), cancellationToken).ConfigureAwait(false);
        if (history.Inside(id) is { } entry)
            return Read(entry, id);
        var queue = await Connection.JsonAsync(new(HttpMethod.Get, Connection.At("queue")), cancellationToken).ConfigureAwait(false);
        bool IsIn(string list) => queue.List(list).Any(item => item.ValueKind == JsonValueKind.Array && item.GetArrayLength() > 1 && item[1].ValueKind == JsonValueKind.String && item[1].GetString() == id);
        return IsIn("queue_running") ? new(JobState.Running) { JobId = id } : IsIn("queue_pending") ? new(JobState.Queued) { JobId = id } : null;
    }

    private JobStatus Read(JsonElement entry, string id)
    {
        var status = entry.Inside("status");
        if (status?.Text("status_str") == "error")
            return new(JobState.Failed) { JobId = id, Error = Connection.Quote(status.Value.Inside("messages")?.GetRawText() ?? "the workflow failed") };
        var files = entry.Inside("outputs") is { ValueKind: JsonValueKind.Object } outputs
            ? outputs.EnumerateObject().Where(node => options.OutputNode is null || node.Name == options.OutputNode).SelectMany(node => VideoLists.SelectMany(list => node.Value.List(list)))
            : [];
        var file = files.FirstOrDefault(item => Extensions.Contains(Path.GetExtension(item.Text("filename") ?? ""), StringComparer.OrdinalIgnoreCase));
        return file.ValueKind == JsonValueKind.Object
            ? new(JobState.Succeeded) { JobId = id, Link = $"view?filename={Escape(file, "filename")}&subfolder={Escape(file, "subfolder")}&type={Escape(file, "type")}" }
            : new(JobState.Failed) { JobId = id, Code = "invalid_workflow", Error = $"the workflow wrote no video{(options.OutputNode is null ? "" : $" in node {options.OutputNode}")}: it needs a node that saves one, such as SaveVideo or VHS_VideoCombine" };
    }

    private JsonNode Fill(VideoPlan plan, string text, string? startFrame)
    {
        PlanTemplate.CheckPlaces(plan, [text], $"'{options.Workflow}'");
        if (!PlanTemplate.Uses(text, "prompt"))
            throw new ArgumentException($"'{options.Workflow}' has no {{{{prompt}}}}: write it where the prompt belongs");
        var values = PlanTemplate.Values(plan);
        values["start_frame"] = startFrame;
        JsonNode workflow;
        try
        {
            workflow = JsonNode.Parse(text) as JsonObject ?? throw new JsonException("it is no object");
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"'{options.Workflow}': expected a workflow in API format: {e.Message}", e);
        }
        PlanTemplate.FillTree(workflow, values);
        foreach (var (path, value) in plan.Extra)   // "12.inputs.cfg" sets a value of a node
            Set(workflow, path.Split('.'), value);
        return workflow;
    }

    private static void Set(JsonNode workflow, string[] path, JsonNode? value)
    {
        var node = workflow;
        foreach (var step in path[..^1])
            node = node?[step];
        if (node is not JsonObject map)
            throw new ArgumentException($"the workflow has no {string.Join('.', path)}: give the path of a node's value, such as 12.inputs.cfg");
        map[path[^1]] = value?.DeepClone();
    }

    private async Task<string> UploadAsync(byte[] png, CancellationToken cancellationToken)
    {
        var name = $"vpo-{ContentId.Of(Convert.ToHexString(SHA256.HashData(png)))}.png";
        var form = new MultipartFormDataContent { { new ByteArrayContent(png), "image", name }, { new StringContent("true"), "overwrite" } };
        var answer = await Connection.JsonAsync(JobBody.Post(Connection.At("upload/image"), form), cancellationToken).ConfigureAwait(false);
        return answer.Text("name") ?? throw new ServiceException(ServiceFailure.Unclear, $"{Name}: expected the name of the uploaded picture, found {Connection.Quote(answer.GetRawText())}");
    }

    private static string IdOf(string key) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(key))[..GuidLength]).ToString();

    private static string Escape(JsonElement file, string name) => Uri.EscapeDataString(file.Text(name) ?? (name == "type" ? "output" : ""));
}
