using System.Globalization;
using System.Text;
using Vpo.Curation;

namespace Vpo.Queries;

/// <summary>Rows of a CSV or TSV file with a header, such as VidProM_unique.csv: uuid, prompt, time, and six probabilities.</summary>
internal static class CsvQueries
{
    private static readonly string[] TextColumns = ["prompt", "query", "text"], IdColumns = ["uuid", "id"];

    public static async IAsyncEnumerable<SourceRow> ReadAsync(string path, char separator, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 1 << 16);
        var records = new CsvRecords(reader, separator);
        var name = Path.GetFileName(path);
        if (records.Read(0) is not { } header)
            yield break;
        var columns = Columns.Of(header.Fields ?? [], name);
        await Task.CompletedTask.ConfigureAwait(false);
        while (records.Read(columns.Count) is { } record)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = string.Create(CultureInfo.InvariantCulture, $"{name}:{record.Line}");
            if (record.Fields is null && record.Damage is { } damage)
                yield return SourceRow.Damaged(place, damage);
            else
                yield return columns.Read(place, record.Fields!);
        }
    }

    /// <summary>Where what is.</summary>
    private sealed record Columns(int Count, int Text, int Id, int Time, int[] Labels)
    {
        public static Columns Of(string[] header, string file)
        {
            var names = header.Select(h => h.Trim().ToLowerInvariant()).ToList();
            int Find(params string[] wanted) => wanted.Select(w => names.IndexOf(w)).FirstOrDefault(i => i >= 0, -1);
            var text = Find(TextColumns);
            if (text < 0)
                throw new InvalidDataException($"'{file}': expected a header with a column {string.Join(", ", TextColumns)}, found: {string.Join(", ", header.Take(12))}.");
            var labels = HarmLabels.Columns.Select(c => names.IndexOf(c)).ToArray();
            return new(header.Length, text, Find(IdColumns), Find("time"), labels.Contains(-1) ? [] : labels);
        }

        public SourceRow Read(string place, string[] fields)
        {
            var values = new double[Labels.Length];
            for (var i = 0; i < values.Length; i++)
            {
                if (!double.TryParse(fields[Labels[i]], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]))
                    return SourceRow.Damaged(place, $"expected a number in the column {HarmLabels.Columns[i]}, found '{fields[Labels[i]]}'");
            }
            return SourceRow.Good(place, new(fields[Text])
            {
                SourceId = Id < 0 ? null : fields[Id],
                Time = Time < 0 ? null : fields[Time],
                Labels = values.Length == 0 ? null : HarmLabels.Of(values),
            });
        }
    }
}
