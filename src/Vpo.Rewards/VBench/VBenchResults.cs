using System.Text.Json;

namespace Vpo.Rewards.VBench;

/// <summary>Reads the result files that VBench itself writes.</summary>
public static class VBenchResults
{
    /// <summary>Raw values of all JSON files under a folder; hidden entries, entries beginning with "__" and files that hold no object are passed over, as VBench does.</summary>
    /// <param name="folder">The folder, searched with its subfolders.</param>
    /// <returns>Values by dimension name; "_" in names becomes a space.</returns>
    /// <exception cref="InvalidDataException">A file is not JSON, a value is not [number, ...], or two files say different things about a dimension.</exception>
    public static IReadOnlyDictionary<string, double> Read(string folder)
    {
        var raw = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var path in Files(folder).Order(StringComparer.Ordinal))
            ReadFile(path, raw);
        return raw;
    }

    private static IEnumerable<string> Files(string folder) => Directory.EnumerateFileSystemEntries(folder)
        .Where(e => Path.GetFileName(e) is var name && name[0] != '.' && !name.StartsWith("__", StringComparison.Ordinal))
        .SelectMany(e => Directory.Exists(e) ? Files(e) : Path.GetExtension(e) == ".json" ? [e] : []);

    private static void ReadFile(string path, Dictionary<string, double> raw)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return;
            foreach (var dimension in json.RootElement.EnumerateObject())
            {
                var name = dimension.Name.Replace('_', ' ');
                var value = dimension.Value[0].GetDouble();
                if (!raw.TryAdd(name, value) && raw[name] != value)
                    throw new InvalidDataException($"'{path}': {name} is {value} here and {raw[name]} in another file: keep one run in a folder");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"'{path}': expected {{ dimension: [value, ...] }} as VBench writes it: {e.Message}", e);
        }
    }
}
