namespace Vpo.Storage;

/// <summary>The right to write a file or folder, for one holder at a time in all processes. The system frees it when the process ends, however it ends, so a kill leaves nothing to clean up; readers need none.</summary>
/// <remarks>An advisory lock on a file "name.lock" beside what is protected, which is deleted in the end. What a killed process leaves of it is empty and locks nothing.</remarks>
public sealed class WriteLock : IDisposable
{
    /// <summary>What names of lock files end in.</summary>
    public const string Extension = ".lock";

    private const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);
    private readonly FileStream _held;

    private WriteLock(FileStream held) => _held = held;

    /// <summary>Takes the right, or fails at once.</summary>
    /// <param name="path">The file that will be written, or a file in the folder that stands for all of it; need not exist.</param>
    /// <exception cref="IOException">Another holder is writing there, or the folder can't be written.</exception>
    public static WriteLock Take(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        try
        {
            // With these three, .NET checks after locking that the file was not deleted by the holder before.
            return new(new FileStream(full + Extension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e) when (e.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            throw new IOException($"another process is writing to '{path}': wait until it has ended, or choose another file or folder ({e.Message})", e);
        }
    }

    /// <summary>Gives the right back.</summary>
    public void Dispose() => _held.Dispose();
}
