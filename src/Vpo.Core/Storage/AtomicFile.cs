namespace Vpo.Storage;

/// <summary>Files that are complete or absent: written beside, flushed to the disk, moved into place.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream. When anything fails, an earlier file of that name is left as it was.</summary>
    /// <exception cref="IOException">The folder can't be written or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var (full, partial) = Names(path);
        try
        {
            using (var stream = Create(partial))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, full, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>The same for what is written asynchronously. The stream stays open behind <paramref name="write"/>.</summary>
    /// <exception cref="IOException">The folder can't be written or the disk is full.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var (full, partial) = Names(path);
        try
        {
            using (var stream = Create(partial))
            {
                await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, full, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes a text file (UTF-8 without a byte order mark), whole or not at all.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private static (string Full, string Partial) Names(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return (full, $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.partial");
    }

    private static FileStream Create(string partial) => new(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
}
