using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vpo.Curation;

/// <summary>How curation is written and read: snake_case, unknown names refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(CurationOptions))]
[JsonSerializable(typeof(CuratedQuery))]
[JsonSerializable(typeof(CurationReport))]
[JsonSerializable(typeof(NearRecord))]
internal sealed partial class CurationJson : JsonSerializerContext
{
    /// <summary>One line a record.</summary>
    internal static CurationJson Lines => Formats.Lines;

    /// <summary>Indented, for files that people read.</summary>
    internal static CurationJson Readable => Formats.Readable;

    private static class Formats
    {
        internal static readonly CurationJson Lines = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        internal static readonly CurationJson Readable = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });
    }
}
