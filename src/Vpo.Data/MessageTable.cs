using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace Vpo.Data;

/// <summary>Rows of texts, numbers, messages and lists of messages as a Parquet file with the types that Hugging Face <c>datasets</c> writes: string, double, struct and list of struct of content and role; all may be null.</summary>
internal static class MessageTable
{
    private const int RowsOfGroup = 10_000;

    private static readonly string[] Parts = ["content", "role"];

    /// <param name="example">A row that has every field; it gives the columns also where there are no rows.</param>
    /// <param name="rows">Rows with the fields of the example.</param>
    /// <param name="stream">Stays open.</param>
    public static async Task WriteAsync(JsonObject example, IEnumerable<JsonObject> rows, Stream stream)
    {
        var fields = example.Select(p => FieldOf(p.Key, p.Value)).ToList();
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        foreach (var part in rows.Chunk(RowsOfGroup))
        {
            using var group = writer.CreateRowGroup();
            foreach (var field in fields)
                await WriteAsync(group, field, [.. part.Select(r => r[field.Name])]).ConfigureAwait(false);
        }
    }

    private static Field FieldOf(string name, JsonNode? value) => value switch
    {
        JsonArray => new ListField(name, Message("element")),
        JsonObject => Message(name),
        JsonValue number when number.TryGetValue<double>(out _) => new DataField<double?>(name),
        _ => new DataField<string>(name),
    };

    private static StructField Message(string name) => new(name, [.. Parts.Select(p => new DataField<string>(p))]);

    private static async Task WriteAsync(ParquetRowGroupWriter group, Field field, JsonNode?[] values)
    {
        switch (field)
        {
            case ListField { Item: StructField message }:
                List<(JsonNode? Message, int Level)> messages = [.. values.SelectMany(v => v!.AsArray().Select((m, i) => (m, i == 0 ? 0 : 1)))];
                int[] levels = [.. messages.Select(m => m.Level)];
                foreach (var part in message.Fields.Cast<DataField>())
                    await group.WriteAsync(part, [.. messages.Select(m => Text(m.Message![part.Name]))], levels.AsMemory()).ConfigureAwait(false);
                break;
            case StructField message:
                foreach (var part in message.Fields.Cast<DataField>())
                    await group.WriteAsync(part, [.. values.Select(v => Text(v![part.Name]))]).ConfigureAwait(false);
                break;
            case DataField { ClrType: var type } number when type == typeof(double):
                await group.WriteAsync<double>(number, values.Select(v => v?.GetValue<double>()).ToArray().AsMemory()).ConfigureAwait(false);
                break;
            default:
                await group.WriteAsync((DataField)field, [.. values.Select(Text)]).ConfigureAwait(false);
                break;
        }
    }

    private static string Text(JsonNode? value) => value?.GetValue<string>()!;
}
