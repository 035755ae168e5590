using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vpo.Storage;

/// <summary>How the library's records are written: snake_case, names of enums, absent instead of null, text unescaped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PromptRecord))]
[JsonSerializable(typeof(VerdictRecord))]
[JsonSerializable(typeof(RewardRecord))]
[JsonSerializable(typeof(GroupRewardRecord))]
[JsonSerializable(typeof(DemonstrationRecord))]
[JsonSerializable(typeof(PairRecord))]
[JsonSerializable(typeof(LoopResult))]
[JsonSerializable(typeof(CrossModelResult))]
[JsonSerializable(typeof(RunCard))]
[JsonSerializable(typeof(CallRecord))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(Comparisons.Vote))]
[JsonSerializable(typeof(Comparisons.PairLine))]
internal sealed partial class VpoJson : JsonSerializerContext
{
    /// <summary>One line a record.</summary>
    internal static VpoJson Lines => Formats.Lines;

    /// <summary>Indented, for files that people read.</summary>
    internal static VpoJson Readable => Formats.Readable;

    /// <summary>Apart, so that they are made after the generated defaults.</summary>
    private static class Formats
    {
        internal static readonly VpoJson Lines = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        internal static readonly VpoJson Readable = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true });
    }
}
