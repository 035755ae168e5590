using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace Vpo.Data;

/// <summary>Reads columns of texts, numbers, messages and lists of messages, whoever wrote the file; columns of other names or types are passed over.</summary>
internal sealed class MessageColumns
{
    private static readonly HashSet<string> Names = ["prompt", "completion", "chosen", "rejected", "messages", "conversations", "instruction", "input", "output", "source", "margin", "reason"];
    private static readonly HashSet<string> Parts = ["content", "role", "value", "from"];

    private readonly List<Field> _fields;

    public MessageColumns(ParquetSchema schema) => _fields = [.. schema.Fields.Where(f => Names.Contains(f.Name) && IsKnown(f))];

    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_fields.Exists(f => f.Name == name))
                return true;
        }
        return false;
    }

    /// <summary>The rows of a group as JSON objects; what is null is not there.</summary>
    public async Task<JsonObject[]> ReadAsync(ParquetRowGroupReader group, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, checked((int)group.RowCount)).Select(_ => new JsonObject()).ToArray();
        foreach (var field in _fields)
        {
            var values = field switch
            {
                DataField number when !IsText(number) => await NumbersAsync(group, number, cancellationToken).ConfigureAwait(false),
                DataField text => (await TextsAsync(group, text, cancellationToken).ConfigureAwait(false)).Select(v => v[0] is { } one ? (JsonNode)one : null).ToArray(),
                ListField { Item: StructField message } => [.. (await MessagesAsync(group, message, rows.Length, cancellationToken).ConfigureAwait(false)).Select(m => new JsonArray([.. m]))],
                _ => (await MessagesAsync(group, (StructField)field, rows.Length, cancellationToken).ConfigureAwait(false)).Select(m => (JsonNode?)m.FirstOrDefault()).ToArray(),
            };
            if (values.Length != rows.Length)
                throw new InvalidDataException($"expected {rows.Length} values of the column {field.Name}, found {values.Length}");
            for (var row = 0; row < rows.Length; row++)
            {
                if (values[row] is { } value)
                    rows[row][field.Name] = value;
            }
        }
        return rows;
    }

    private static bool IsKnown(Field field) => field switch
    {
        DataField { IsArray: false } one => IsText(one) || one.ClrType == typeof(double) || one.ClrType == typeof(float),
        StructField message => PartsOf(message).Any(),
        ListField { Item: StructField message } => PartsOf(message).Any(),
        _ => false,
    };

    private static IEnumerable<DataField> PartsOf(StructField message) => message.Fields.OfType<DataField>().Where(f => Parts.Contains(f.Name) && IsText(f));

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    /// <summary>The messages of each row; those without any part are none.</summary>
    private static async Task<List<JsonObject>[]> MessagesAsync(ParquetRowGroupReader group, StructField message, int count, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, count).Select(_ => new List<JsonObject>()).ToArray();
        foreach (var part in PartsOf(message))
        {
            var values = await TextsAsync(group, part, cancellationToken).ConfigureAwait(false);
            for (var row = 0; row < count; row++)
            {
                while (rows[row].Count < values[row].Count)
                    rows[row].Add([]);
                foreach (var (i, text) in values[row].Index().Where(v => v.Item is not null))
                    rows[row][i][part.Name] = text;
            }
        }
        foreach (var row in rows)
            row.RemoveAll(m => m.Count == 0);
        return rows;
    }

    /// <summary>The texts of a column by row: one where it is no list.</summary>
    private static async Task<List<List<string?>>> TextsAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellationToken)
    {
        var count = checked((int)group.GetMetadata(field)!.MetaData!.NumValues);
        var (values, defined, repeated) = (new ReadOnlyMemory<char>[count], new int[count], new int[count]);
        var (isNullable, isRepeated) = (field.MaxDefinitionLevel > 0, field.MaxRepetitionLevel > 0);
        await group.ReadRawAsync(field, values.AsMemory(), isNullable ? (Memory<int>?)defined : null, isRepeated ? (Memory<int>?)repeated : null, cancellationToken).ConfigureAwait(false);
        var rows = new List<List<string?>>();
        for (int i = 0, next = 0; i < count; i++)
        {
            if (repeated[i] == 0)
                rows.Add([]);
            rows[^1].Add(isNullable && defined[i] < field.MaxDefinitionLevel ? null : values[next++].ToString());
        }
        return rows;
    }

    private static async Task<JsonNode?[]> NumbersAsync(ParquetRowGroupReader group, DataField field, CancellationToken cancellationToken) => field.ClrType == typeof(float)
        ? Array.ConvertAll(await ParquetFiles.NumbersAsync<float>(group, field, cancellationToken).ConfigureAwait(false), v => v is { } x ? (JsonNode)(double)x : null)
        : Array.ConvertAll(await ParquetFiles.NumbersAsync<double>(group, field, cancellationToken).ConfigureAwait(false), v => v is { } x ? (JsonNode)x : null);
}
