using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;

namespace Vpo.Video.Hosted;

/// <summary>How far a job is, as the jobs file says.</summary>
internal enum JobPhase
{
    /// <summary>Written before the request goes out: without a later line, nobody knows whether the job exists.</summary>
    Submitting,

    /// <summary>The service has it.</summary>
    Submitted,

    /// <summary>The clip is here.</summary>
    Done,

    /// <summary>The service failed at it.</summary>
    Failed,

    /// <summary>The service refused it; it does not exist.</summary>
    Refused,

    /// <summary>It was cancelled at the service.</summary>
    Canceled,
}

/// <summary>One line of jobs.jsonl; the last line of an id counts. Holds no key and no signed link.</summary>
internal sealed record VideoJob(string Id, string Service, JobPhase Phase, int Attempt, DateTimeOffset Time) : IRecord
{
    /// <summary>The service's own id.</summary>
    public string? JobId { get; init; }

    public string? Model { get; init; }
    public string? Prompt { get; init; }
    public long Seed { get; init; }

    /// <summary>Addresses that the service told for this job.</summary>
    public IReadOnlyDictionary<string, string>? Links { get; init; }

    /// <summary>Name of the clip in the folder.</summary>
    public string? File { get; init; }

    /// <summary>Its length in bytes.</summary>
    public long? Length { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(VideoJob))]
internal sealed partial class VideoJobJson : JsonSerializerContext
{
    public static VideoJobJson Lines => Formats.Lines;

    /// <summary>Apart, so that it is made after the generated defaults.</summary>
    private static class Formats
    {
        internal static readonly VideoJobJson Lines = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
