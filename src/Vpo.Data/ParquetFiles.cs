using Parquet;
using Parquet.Schema;

namespace Vpo.Data;

/// <summary>Opens Parquet files with errors that say what is wrong.</summary>
internal static class ParquetFiles
{
    public static bool Is(string path) => Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">Not a Parquet file, or its end is missing.</exception>
    public static async Task<ParquetReader> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist.", path);
        try
        {
            return await ParquetReader.CreateAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not (OperationCanceledException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"'{path}' is not a whole Parquet file: {e.Message}", e);
        }
    }

    /// <summary>A column of numbers, whether its values may be null or not.</summary>
    public static async Task<T?[]> NumbersAsync<T>(ParquetRowGroupReader reader, DataField field, CancellationToken cancellationToken) where T : struct
    {
        if (field.IsNullable)
        {
            var values = new T?[reader.RowCount];
            await reader.ReadAsync<T>(field, values.AsMemory(), cancellationToken: cancellationToken).ConfigureAwait(false);
            return values;
        }
        var plain = new T[reader.RowCount];
        await reader.ReadAsync<T>(field, plain.AsMemory(), cancellationToken: cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(plain, v => (T?)v);
    }
}
