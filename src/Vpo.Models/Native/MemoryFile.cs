using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vpo.Models.Native;

/// <summary>A library loaded from memory: no file on disk, so no two processes can trip over one (Linux memfd).</summary>
internal static partial class MemoryFile
{
    /// <exception cref="DllNotFoundException">The kernel gives no memory file, or the bytes do not load.</exception>
    public static IntPtr LoadLibrary(string name, byte[] content)
    {
        var descriptor = Create(name, 0);
        if (descriptor < 0)
            throw new DllNotFoundException($"memfd_create failed (errno {Marshal.GetLastPInvokeError()}): a patched copy of {name} can't be kept in memory.");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            RandomAccess.Write(handle, content, 0);
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)   // the latter: above the limit on file sizes
        {
            handle.Dispose();
            throw new DllNotFoundException($"A patched copy of {name} ({content.Length} bytes) can't be kept in memory: {e.Message}");
        }
        var library = NativeLibrary.Load($"/proc/self/fd/{descriptor}");
        handle.Dispose();   // the mapping keeps the memory alive
        return library;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);
}
