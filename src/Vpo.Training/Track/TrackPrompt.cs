using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>A prompt of the table, as its model wrote it (prompts-METHOD.jsonl).</summary>
/// <param name="Id">Of query, model and settings.</param>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The prompt; refusals, repetitions and torn ends included.</param>
/// <param name="Finished">Whether the model ended by itself.</param>
internal sealed record TrackPrompt(string Id, string Query, string Prompt, bool Finished) : IRecord;

/// <summary>How well a prompt tells its query (likelihood-METHOD.jsonl).</summary>
/// <param name="Id">Of both prompts and the query.</param>
/// <param name="Own">log p(query | its prompt), nats a token.</param>
/// <param name="Other">log p(query | another query's prompt), nats a token.</param>
internal sealed record TrackLikelihood(string Id, double Own, double Other) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrackPrompt))]
[JsonSerializable(typeof(TrackLikelihood))]
[JsonSerializable(typeof(TrackResult))]
internal sealed partial class TrackJson : JsonSerializerContext
{
    /// <summary>One line a record, text as it is.</summary>
    internal static TrackJson Lines => Formats.Lines;

    /// <summary>For people.</summary>
    internal static TrackJson Readable => Formats.Readable;

    /// <summary>Apart, so that they are made after the generated defaults.</summary>
    private static class Formats
    {
        internal static readonly TrackJson Lines = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        internal static readonly TrackJson Readable = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });
    }
}
