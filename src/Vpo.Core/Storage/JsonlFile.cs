using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vpo.Storage;

/// <summary>JSON Lines that survive a kill at any byte: whole lines are appended and flushed; a line torn by a kill is cut off by the next append.</summary>
public static class JsonlFile
{
    private const byte LineEnd = (byte)'\n';

    /// <summary>Reads all records; none when the file is absent. A torn last line is passed over, blank lines are.</summary>
    /// <exception cref="InvalidDataException">A line is no such record; the message names file, line number and cause.</exception>
    public static IReadOnlyList<T> Read<T>(string path, JsonTypeInfo<T> type)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(type);
        if (!File.Exists(path))
            return [];
        var records = new List<T>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        for (var number = 1; rest.Length > 0; number++)
        {
            var end = rest.IndexOf(LineEnd);
            var line = end < 0 ? rest : rest[..end];
            if (!IsBlank(line) && (end >= 0 || IsWhole(line, type)))
                records.Add(Parse(line, type, path, number));
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return records;
    }

    /// <summary>Appends records as whole lines and flushes them to the disk. Cuts off a torn last line first.</summary>
    /// <exception cref="IOException">The file can't be written, or another process is appending to it.</exception>
    public static void Append<T>(string path, IEnumerable<T> records, JsonTypeInfo<T> type)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(type);
        using var lines = new MemoryStream();
        foreach (var record in records)
        {
            JsonSerializer.Serialize(lines, record, type);
            lines.WriteByte(LineEnd);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        Repair(file, type);
        lines.WriteTo(file);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Leaves the file at its end, after a line end.</summary>
    private static void Repair<T>(FileStream file, JsonTypeInfo<T> type)
    {
        var start = StartOfLastLine(file);
        var tail = new byte[file.Length - start];
        file.Position = start;
        file.ReadExactly(tail);
        if (tail.Length == 0)
            return;
        if (IsWhole(tail, type))
            file.WriteByte(LineEnd);
        else
            file.SetLength(start);
        file.Seek(0, SeekOrigin.End);
    }

    private static long StartOfLastLine(FileStream file)
    {
        for (var position = file.Length; position > 0; position--)
        {
            file.Position = position - 1;
            if (file.ReadByte() == LineEnd)
                return position;
        }
        return 0;
    }

    /// <summary>A beginning of a JSON object never parses, so what parses is complete and lacks only its line end.</summary>
    private static bool IsWhole<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(WithoutMark(line), type) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type, string path, int number)
    {
        try
        {
            return JsonSerializer.Deserialize(WithoutMark(line), type) ?? throw new JsonException("expected an object, found null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}:{number}: expected one {typeof(T).Name} as JSON, found something else: {e.Message} Mend or delete the line.", e);
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => WithoutMark(line).Trim(" \t\r"u8).IsEmpty;

    /// <summary>Other programs may begin a file with a byte order mark.</summary>
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line) => line.StartsWith("\uFEFF"u8) ? line["\uFEFF"u8.Length..] : line;
}
