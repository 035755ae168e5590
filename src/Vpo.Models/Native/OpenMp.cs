using System.Runtime.InteropServices;

namespace Vpo.Models.Native;

/// <summary>How many OpenMP threads libtorch may use for work that the calling thread starts. The setting belongs to the thread, not to the process.</summary>
internal static unsafe class OpenMp
{
    private static readonly delegate* unmanaged<int, void> SetThreads = (delegate* unmanaged<int, void>)Find("omp_set_num_threads");
    private static readonly delegate* unmanaged<int> GetThreads = (delegate* unmanaged<int>)Find("omp_get_max_threads");

    /// <summary>Whether the setting can be reached: on Linux, where libtorch brings GNU's OpenMP.</summary>
    public static bool IsKnown => SetThreads is not null && GetThreads is not null;

    /// <summary>Threads of this thread's own teams.</summary>
    public static int Threads
    {
        get => IsKnown ? GetThreads() : 1;
        set
        {
            if (IsKnown)
                SetThreads(value);
        }
    }

    private static IntPtr Find(string name)
    {
        if (LibtorchLoader.Folder is not { } folder)
            return IntPtr.Zero;
        var file = Directory.EnumerateFiles(folder, "libgomp*.so*").Order(StringComparer.Ordinal).FirstOrDefault();
        return file is not null && NativeLibrary.TryLoad(file, out var library) && NativeLibrary.TryGetExport(library, name, out var symbol) ? symbol : IntPtr.Zero;
    }
}
