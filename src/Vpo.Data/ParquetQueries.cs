using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using Vpo.Curation;

namespace Vpo.Data;

/// <summary>Rows of a Parquet file with VidProM's columns, a row group at a time.</summary>
public static class ParquetQueries
{
    private static readonly string[] TextColumns = ["prompt", "query", "text"], IdColumns = ["uuid", "id"];

    /// <summary>Reads uuid (or id), prompt (or query, text), time and the six probabilities; all but the text may be absent, other columns are passed over.</summary>
    /// <remarks>A row without text is a damaged row; a row group that can't be unpacked is one damaged row, and the next group is read.</remarks>
    /// <exception cref="InvalidDataException">Not a Parquet file, or one without a column of texts.</exception>
    public static async IAsyncEnumerable<SourceRow> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        await using var reader = await ParquetFiles.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        var (name, columns, first) = (Path.GetFileName(path), Columns.Of(reader.Schema, path), 0L);
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            Group? group = null;
            string? damage = null;
            try
            {
                using var open = reader.OpenRowGroupReader(i);
                group = await Group.ReadAsync(open, columns, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                damage = $"row group {i} can't be read: {e.Message}";
            }
            if (group is null)
                yield return SourceRow.Damaged($"{name}, row group {i}", damage!);
            for (var row = 0; row < (group?.Texts.Length ?? 0); row++)
                yield return group!.Row($"{name}[{first + row}]", row);
            first += group?.Texts.Length ?? 0;
        }
    }

    /// <summary>Where what is.</summary>
    private sealed record Columns(DataField Text, DataField? Id, DataField? Time, DataField[] Labels)
    {
        public static Columns Of(ParquetSchema schema, string path)
        {
            var fields = schema.GetDataFields();
            DataField? Find(params string[] names) => names.Select(n => fields.FirstOrDefault(f => f.Name.Equals(n, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(f => f is not null);
            var text = Find(TextColumns) ?? throw new InvalidDataException($"'{path}': expected a column {string.Join(", ", TextColumns)}, found: {string.Join(", ", fields.Take(12).Select(f => f.Name))}.");
            DataField[] labels = [.. HarmLabels.Columns.Select(c => Find(c)).OfType<DataField>()];
            return new(text, TextField(Find(IdColumns)), TextField(Find("time")), labels.Length == HarmLabels.Columns.Count ? labels : []);
        }

        private static DataField? TextField(DataField? field) => field is not null && (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>)) ? field : null;
    }

    /// <summary>The columns of one row group.</summary>
    private sealed record Group(string?[] Texts, string?[]? Ids, string?[]? Times, double?[][] Labels)
    {
        public static async Task<Group> ReadAsync(ParquetRowGroupReader reader, Columns columns, CancellationToken cancellationToken) => new(
            await StringsAsync(reader, columns.Text, cancellationToken).ConfigureAwait(false),
            columns.Id is { } id ? await StringsAsync(reader, id, cancellationToken).ConfigureAwait(false) : null,
            columns.Time is { } time ? await StringsAsync(reader, time, cancellationToken).ConfigureAwait(false) : null,
            await LabelsAsync(reader, columns.Labels, cancellationToken).ConfigureAwait(false));

        public SourceRow Row(string place, int row)
        {
            if (Texts[row] is not { } text)
                return SourceRow.Damaged(place, "expected a text, found null");
            var values = Labels.Select(l => l[row]).OfType<double>().ToArray();
            if (values.Length != Labels.Length)
                return SourceRow.Damaged(place, "expected six probabilities, found null among them");
            return SourceRow.Good(place, new(text) { SourceId = Ids?[row], Time = Times?[row], Labels = values.Length == 0 ? null : HarmLabels.Of(values) });
        }

        private static async Task<string?[]> StringsAsync(ParquetRowGroupReader reader, DataField field, CancellationToken cancellationToken)
        {
            var values = new string?[reader.RowCount];
            await reader.ReadAsync(field, values.AsMemory()!, cancellationToken: cancellationToken).ConfigureAwait(false);
            return values;
        }

        private static async Task<double?[][]> LabelsAsync(ParquetRowGroupReader reader, DataField[] fields, CancellationToken cancellationToken)
        {
            var labels = new double?[fields.Length][];
            for (var i = 0; i < fields.Length; i++)
            {
                labels[i] = fields[i].ClrType == typeof(float)
                    ? Array.ConvertAll(await ParquetFiles.NumbersAsync<float>(reader, fields[i], cancellationToken).ConfigureAwait(false), v => (double?)v)
                    : await ParquetFiles.NumbersAsync<double>(reader, fields[i], cancellationToken).ConfigureAwait(false);
            }
            return labels;
        }
    }
}
