using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vpo.Storage;

namespace Vpo;

/// <summary>Demonstrations and preference pairs as files of LLaMA-Factory, TRL and this library, written and read.</summary>
/// <remarks>
/// LLaMA-Factory needs an entry in its dataset_info.json: <see cref="DatasetInfo"/> gives it. What is written and read with the same instruction comes back the same.
/// Reading tells the forms apart row by row; ShareGPT's names (conversations, from, value) are understood as well.
/// </remarks>
public static class TrainingFiles
{
    /// <summary>The message is the query alone.</summary>
    public const string QueryOnly = "{query}";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    /// <summary>Writes demonstrations, the whole file or nothing.</summary>
    /// <param name="path">The file; LLaMA-Factory's are named .json, the others .jsonl.</param>
    /// <param name="demonstrations">In the order of the file.</param>
    /// <param name="format">The form.</param>
    /// <param name="instruction">The message to the model, with {query} where the query goes; the one that the model will be used with.</param>
    public static void Write(string path, IEnumerable<Demonstration> demonstrations, ExchangeFormat format, string instruction = QueryOnly)
    {
        ArgumentNullException.ThrowIfNull(demonstrations);
        var template = new ExchangeTemplate(instruction);
        Write(path, demonstrations.Select(d => format == ExchangeFormat.Vpo ? Own(d) : ExchangeRow.Of(d, format, template)), format);
    }

    /// <summary>Writes pairs, the whole file or nothing.</summary>
    /// <inheritdoc cref="Write(string, IEnumerable{Demonstration}, ExchangeFormat, string)" path="/param"/>
    /// <param name="path">The file.</param>
    /// <param name="pairs">In the order of the file.</param>
    /// <param name="format">The form.</param>
    /// <param name="instruction">The message to the model.</param>
    /// <param name="provenance">Where they came from, for this library's own form; null says that they were imported.</param>
    public static void Write(string path, IEnumerable<PreferencePair> pairs, ExchangeFormat format, string instruction = QueryOnly, Provenance? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var template = new ExchangeTemplate(instruction);
        Write(path, pairs.Select(p => format == ExchangeFormat.Vpo ? Own(p, provenance) : ExchangeRow.Of(p, format, template)), format);
    }

    /// <summary>Reads demonstrations of any of the forms, from a JSON array or JSON Lines.</summary>
    /// <exception cref="InvalidDataException">A row is of no form, or was made with another instruction; the message names file, row and cause.</exception>
    public static IReadOnlyList<Demonstration> ReadDemonstrations(string path, string instruction = QueryOnly)
    {
        var template = new ExchangeTemplate(instruction);
        return Read(path, Rows(path), row => ExchangeRow.ReadDemonstration(row, template));
    }

    /// <summary>Reads pairs of any of the forms, from a JSON array or JSON Lines.</summary>
    /// <exception cref="InvalidDataException">A row is of no form, or was made with another instruction; the message names file, row and cause.</exception>
    public static IReadOnlyList<PreferencePair> ReadPairs(string path, string instruction = QueryOnly)
    {
        var template = new ExchangeTemplate(instruction);
        return Read(path, Rows(path), row => ExchangeRow.ReadPair(row, template));
    }

    /// <summary>The entry of a file in LLaMA-Factory's dataset_info.json.</summary>
    /// <param name="name">The dataset's name in LLaMA-Factory.</param>
    /// <param name="file">The file's name there.</param>
    /// <param name="format">One of LLaMA-Factory's two.</param>
    /// <param name="pairs">Whether it holds pairs.</param>
    public static string DatasetInfo(string name, string file, ExchangeFormat format, bool pairs)
    {
        var entry = new JsonObject { ["file_name"] = file };
        if (pairs)
            entry["ranking"] = true;
        JsonObject columns = format switch
        {
            ExchangeFormat.LlamaFactory => new() { ["messages"] = "messages" },
            ExchangeFormat.LlamaFactoryAlpaca when pairs => new() { ["prompt"] = "instruction", ["query"] = "input" },
            ExchangeFormat.LlamaFactoryAlpaca => new() { ["prompt"] = "instruction", ["query"] = "input", ["response"] = "output" },
            _ => throw new ArgumentException($"expected a format of LLaMA-Factory, found {format}", nameof(format)),
        };
        if (pairs)
            (columns["chosen"], columns["rejected"]) = ("chosen", "rejected");
        entry["columns"] = columns;
        if (format == ExchangeFormat.LlamaFactory)
        {
            entry["formatting"] = "sharegpt";
            entry["tags"] = new JsonObject { ["role_tag"] = "role", ["content_tag"] = "content", ["user_tag"] = "user", ["assistant_tag"] = "assistant" };
        }
        return Text(new JsonObject { [name] = entry }, Indented);
    }

    private static void Write(string path, IEnumerable<JsonObject> rows, ExchangeFormat format) => AtomicFile.Write(path, stream =>
    {
        if (format is ExchangeFormat.LlamaFactory or ExchangeFormat.LlamaFactoryAlpaca)
        {
            using var writer = new Utf8JsonWriter(stream, Indented);
            new JsonArray([.. rows]).WriteTo(writer);
            return;
        }
        foreach (var row in rows)
        {
            using (var writer = new Utf8JsonWriter(stream, Plain))
                row.WriteTo(writer);
            stream.WriteByte((byte)'\n');
        }
    });

    private static JsonObject Own(Demonstration d) =>
        JsonSerializer.SerializeToNode(new DemonstrationRecord(d.Id, d.Query, d.Prompt, Provenance.Of(null, "imported", 0)), VpoJson.Lines.DemonstrationRecord)!.AsObject();

    private static JsonObject Own(PreferencePair p, Provenance? provenance) =>
        JsonSerializer.SerializeToNode(new PairRecord(p.Id, p, provenance ?? Provenance.Of(null, "imported", 0)), VpoJson.Lines.PairRecord)!.AsObject();

    private static string Text(JsonNode node, JsonWriterOptions options)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, options))
            node.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Rows of a file with their places; the first one that is not what was expected ends it.</summary>
    internal static IReadOnlyList<T> Read<T>(string path, IEnumerable<(string Place, Func<JsonNode?> Parse)> parts, Func<JsonObject, T> read)
    {
        var rows = new List<T>();
        foreach (var (place, parse) in parts)
        {
            try
            {
                rows.Add(read(parse() as JsonObject ?? throw new FormatException("expected an object")));
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
            {
                throw new InvalidDataException($"{path}, {place}: {e.Message}", e);
            }
        }
        return rows;
    }

    /// <summary>An array, or a row a line, whatever the file is called.</summary>
    private static IEnumerable<(string Place, Func<JsonNode?> Parse)> Rows(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var text = File.ReadAllText(path);
        if (text.AsSpan().TrimStart().StartsWith("["))
            return Array(path, text).Select((node, i) => ($"row {i}", (Func<JsonNode?>)(() => node)));
        return text.Split('\n').Select((line, i) => (line, i)).Where(l => !string.IsNullOrWhiteSpace(l.line)).Select(l => ($"line {l.i + 1}", (Func<JsonNode?>)(() => JsonNode.Parse(l.line))));
    }

    private static JsonArray Array(string path, string text)
    {
        try
        {
            return JsonNode.Parse(text)!.AsArray();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON: {e.Message}", e);
        }
    }
}
