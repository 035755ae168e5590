using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>One tensor's place in a safetensors file; offsets are absolute, in bytes.</summary>
internal sealed record SafetensorsEntry(ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>The header of a safetensors file, checked before anything is allocated for its content.</summary>
/// <remarks>Format: 8 bytes little-endian header length, JSON {name: {dtype, shape, data_offsets}}, data without gaps.</remarks>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    private const int MaxLength = 100_000_000;   // the limit of the reference implementation

    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["F64"] = ScalarType.Float64,
        ["F32"] = ScalarType.Float32,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32,
        ["I16"] = ScalarType.Int16,
        ["I8"] = ScalarType.Int8,
        ["U8"] = ScalarType.Byte,
        ["BOOL"] = ScalarType.Bool,
    };

    public static string NameOf(ScalarType type) => Types.FirstOrDefault(pair => pair.Value == type).Key
        ?? throw new CheckpointException($"tensors of the type {type} can't be kept in safetensors. Supported: {string.Join(", ", Types.Values)}.");

    public static int SizeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 or ScalarType.Int64 => 8,
        ScalarType.Float32 or ScalarType.Int32 => 4,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Int16 => 2,
        _ => 1,
    };

    public static SafetensorsHeader Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8)
            throw Damaged(path, $"expected at least 8 bytes, found {file.Length}");
        file.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxLength || length > (ulong)file.Length - 8)
            throw Damaged(path, $"the header claims {length} bytes, the file has {file.Length - 8} after its length field");
        var json = new byte[length];
        file.ReadExactly(json);
        try
        {
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            return Parse(path, json, dataStart: 8 + (long)length, fileLength: file.Length);
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Damaged(path, "its header is not valid: " + e.Message, e);
        }
    }

    private static SafetensorsHeader Parse(string path, byte[] json, long dataStart, long fileLength)
    {
        using var document = JsonDocument.Parse(json);
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals("__metadata__"))
                foreach (var item in property.Value.EnumerateObject())
                    metadata[item.Name] = item.Value.GetString() ?? "";
            else if (!entries.TryAdd(property.Name, ParseEntry(path, property, dataStart)))
                throw Damaged(path, $"the tensor '{property.Name}' is listed twice");
        }
        CheckLayout(path, entries, dataStart, fileLength);
        return new(entries, metadata);
    }

    private static SafetensorsEntry ParseEntry(string path, JsonProperty property, long dataStart)
    {
        var (name, value) = (property.Name, property.Value);
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("dtype", out var dtype)
            || !value.TryGetProperty("shape", out var shapes) || !value.TryGetProperty("data_offsets", out var offsets))
            throw Damaged(path, $"the tensor '{name}' lacks dtype, shape or data_offsets");
        if (!Types.TryGetValue(dtype.GetString() ?? "", out var type))
            throw new CheckpointException($"'{path}': the tensor '{name}' has the type {dtype.GetString()}, which is not supported. Supported: {string.Join(", ", Types.Keys)}.");
        var shape = shapes.EnumerateArray().Select(s => s.GetInt64()).ToArray();
        var range = offsets.EnumerateArray().Select(o => o.GetInt64()).ToArray();
        if (shape.Any(s => s < 0) || range is not [>= 0, >= 0] || range[1] < range[0])
            throw Damaged(path, $"the tensor '{name}' has the shape [{string.Join(", ", shape)}] and the offsets [{string.Join(", ", range)}]");
        var bytes = shape.Where(s => s > 0).Aggregate((long)SizeOf(type), (size, s) => checked(size * s));   // libtorch counts sizes beside a 0 too
        if (shape.Contains(0))
            bytes = 0;
        if (bytes != range[1] - range[0])
            throw Damaged(path, $"the tensor '{name}' of shape [{string.Join(", ", shape)}] and type {dtype.GetString()} needs {bytes} bytes, its offsets give {range[1] - range[0]}");
        return new(type, shape, checked(dataStart + range[0]), checked(dataStart + range[1]));
    }

    /// <summary>As the reference demands: tensors follow one another without overlap or gap and end with the file.</summary>
    private static void CheckLayout(string path, Dictionary<string, SafetensorsEntry> entries, long dataStart, long fileLength)
    {
        var end = dataStart;
        foreach (var (name, entry) in entries.OrderBy(e => e.Value.Begin).ThenBy(e => e.Value.End))
        {
            if (entry.Begin != end)
                throw Damaged(path, $"the tensor '{name}' begins at byte {entry.Begin}, the one before it ends at {end}");
            end = entry.End;
        }
        if (end != fileLength)
            throw Damaged(path, $"its tensors end at byte {end}, the file has {fileLength} bytes");
    }

    private static CheckpointException Damaged(string path, string what, Exception? cause = null) =>
        cause is null ? new($"'{path}' is not a sound safetensors file: {what}. {BrokenDownload.Advice(path)}") : new($"'{path}' is not a sound safetensors file: {what} {BrokenDownload.Advice(path)}", cause);
}
