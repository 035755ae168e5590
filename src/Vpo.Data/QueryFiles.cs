using Vpo.Curation;
using Vpo.Queries;

namespace Vpo.Data;

/// <summary>Reads queries from every kind of file that the library knows.</summary>
public static class QueryFiles
{
    /// <summary>Rows of the files, one after another; .parquet here, the rest by <see cref="QueryReader"/>.</summary>
    /// <exception cref="InvalidDataException">A file is not of its kind; damage to single rows is in the rows instead.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static async IAsyncEnumerable<SourceRow> ReadAsync(IEnumerable<string> paths, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            var rows = ParquetFiles.Is(path)
                ? ParquetQueries.ReadAsync(path, cancellationToken)
                : QueryReader.ReadAsync(path, cancellationToken);
            await foreach (var row in rows.ConfigureAwait(false))
                yield return row;
        }
    }
}
