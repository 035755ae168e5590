using System.Text.Json.Nodes;
using Vpo.Storage;

namespace Vpo.Data;

/// <summary>Demonstrations and pairs for and from LLaMA-Factory and TRL in every kind of file that the library knows: .parquet here, the rest by <see cref="TrainingFiles"/>.</summary>
/// <remarks>A Parquet file has the fields of the JSON forms as columns with the types that Hugging Face <c>datasets</c> writes and reads.</remarks>
public static class ExchangeFiles
{
    private static readonly PreferencePair AnyPair = new() { Query = "", Chosen = "", Rejected = "", Source = FeedbackSource.Text };

    /// <summary>Writes pairs, the whole file or nothing.</summary>
    /// <param name="path">The file; its ending says whether it is Parquet.</param>
    /// <param name="pairs">In the order of the file.</param>
    /// <param name="format">The form; <see cref="ExchangeFormat.Vpo"/> is JSON Lines only.</param>
    /// <param name="instruction">The message to the model, with {query} where the query goes.</param>
    /// <param name="provenance">See <see cref="TrainingFiles"/>.</param>
    public static Task WriteAsync(string path, IReadOnlyList<PreferencePair> pairs, ExchangeFormat format, string instruction = TrainingFiles.QueryOnly, Provenance? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (IsParquet(path, format))
        {
            var template = new ExchangeTemplate(instruction);
            return AtomicFile.WriteAsync(path, stream => MessageTable.WriteAsync(ExchangeRow.Of(AnyPair, format, template), pairs.Select(p => ExchangeRow.Of(p, format, template)), stream));
        }
        TrainingFiles.Write(path, pairs, format, instruction, provenance);
        return Task.CompletedTask;
    }

    /// <summary>Writes demonstrations, the whole file or nothing.</summary>
    /// <inheritdoc cref="WriteAsync(string, IReadOnlyList{PreferencePair}, ExchangeFormat, string, Provenance?)" path="/param"/>
    /// <param name="path">The file.</param>
    /// <param name="demonstrations">In the order of the file.</param>
    /// <param name="format">The form.</param>
    /// <param name="instruction">The message to the model.</param>
    public static Task WriteAsync(string path, IReadOnlyList<Demonstration> demonstrations, ExchangeFormat format, string instruction = TrainingFiles.QueryOnly)
    {
        ArgumentNullException.ThrowIfNull(demonstrations);
        if (IsParquet(path, format))
        {
            var template = new ExchangeTemplate(instruction);
            return AtomicFile.WriteAsync(path, stream => MessageTable.WriteAsync(ExchangeRow.Of(new Demonstration("", ""), format, template), demonstrations.Select(d => ExchangeRow.Of(d, format, template)), stream));
        }
        TrainingFiles.Write(path, demonstrations, format, instruction);
        return Task.CompletedTask;
    }

    /// <summary>Reads pairs of any of the forms.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or holds something else, or a row was made with another instruction; the message names file, place and cause.</exception>
    public static async Task<IReadOnlyList<PreferencePair>> ReadPairsAsync(string path, string instruction = TrainingFiles.QueryOnly, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!ParquetFiles.Is(path))
            return TrainingFiles.ReadPairs(path, instruction);
        var template = new ExchangeTemplate(instruction);
        var rows = await RowsAsync(path, c => c.Has("chosen") && c.Has("rejected"), "chosen and rejected (texts, messages or lists of messages), and prompt, messages or instruction", cancellationToken).ConfigureAwait(false);
        return TrainingFiles.Read(path, rows, row => ExchangeRow.ReadPair(row, template));
    }

    /// <summary>Reads demonstrations of any of the forms.</summary>
    /// <inheritdoc cref="ReadPairsAsync" path="/exception"/>
    public static async Task<IReadOnlyList<Demonstration>> ReadDemonstrationsAsync(string path, string instruction = TrainingFiles.QueryOnly, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!ParquetFiles.Is(path))
            return TrainingFiles.ReadDemonstrations(path, instruction);
        var template = new ExchangeTemplate(instruction);
        var rows = await RowsAsync(path, c => c.Has("messages", "conversations", "completion", "output"), "messages; prompt and completion; or instruction and output", cancellationToken).ConfigureAwait(false);
        return TrainingFiles.Read(path, rows, row => ExchangeRow.ReadDemonstration(row, template));
    }

    private static bool IsParquet(string path, ExchangeFormat format)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (ParquetFiles.Is(path) && format == ExchangeFormat.Vpo)
            throw new ArgumentException($"'{path}': this library's own records are JSON Lines. Name the file .jsonl, or choose one of {string.Join(", ", Enum.GetNames<ExchangeFormat>().Where(n => n != nameof(ExchangeFormat.Vpo)))}.", nameof(format));
        return ParquetFiles.Is(path);
    }

    private static async Task<List<(string Place, Func<JsonNode?> Parse)>> RowsAsync(string path, Func<MessageColumns, bool> fits, string expected, CancellationToken cancellationToken)
    {
        await using var reader = await ParquetFiles.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        var columns = new MessageColumns(reader.Schema);
        if (!fits(columns))
            throw new InvalidDataException($"'{path}': expected columns {expected}; found: {string.Join(", ", reader.Schema.Fields.Take(12).Select(f => f.Name))}.");
        var rows = new List<(string, Func<JsonNode?>)>();
        for (var i = 0; i < reader.RowGroupCount; i++)
        {
            foreach (var row in await GroupAsync(i).ConfigureAwait(false))
                rows.Add(($"row {rows.Count}", () => row));
        }
        return rows;

        async Task<JsonObject[]> GroupAsync(int index)
        {
            try
            {
                using var group = reader.OpenRowGroupReader(index);
                return await columns.ReadAsync(group, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidDataException($"'{path}': row group {index} can't be read: {e.Message}", e);
            }
        }
    }
}
