using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vpo.Video.Files;

/// <summary>What a file says about where its clip came from.</summary>
internal sealed record ClipDescription(string? Prompt, long? Seed, string? Model)
{
    private static readonly ClipDescriptionJson Plain =
        new(new JsonSerializerOptions(ClipDescriptionJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static readonly ClipDescription None = new(null, null, null);

    public static ClipDescription Of(VideoClip clip, VideoFileOptions options) => options.WritesMetadata ? new(clip.Prompt, clip.Seed, clip.ModelId) : None;

    public bool IsEmpty => this == None;

    public string ToJson() => JsonSerializer.Serialize(this, Plain.ClipDescription);

    /// <summary>Reads what <see cref="ToJson"/> wrote; none for any other text.</summary>
    public static ClipDescription Parse(string? json)
    {
        try
        {
            return json is not null && json.TrimStart().StartsWith('{') ? JsonSerializer.Deserialize(json, Plain.ClipDescription) ?? None : None;
        }
        catch (JsonException)
        {
            return None;   // a comment of another program
        }
    }

    public VideoClip On(VideoClip clip) => clip with { Prompt = Prompt, Seed = Seed, ModelId = Model };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClipDescription))]
internal sealed partial class ClipDescriptionJson : JsonSerializerContext;
