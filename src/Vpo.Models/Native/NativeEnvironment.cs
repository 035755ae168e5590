using System.Runtime.InteropServices;

namespace Vpo.Models.Native;

/// <summary>
/// Settings that libtorch, OpenMP and the C library read once, when they load. Managed
/// <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not reach native code, so libc's setenv is called.
/// </summary>
/// <remarks>A value that the user has set stays. Linux only; elsewhere nothing happens.</remarks>
internal static partial class NativeEnvironment
{
    // Measured: spin barriers cost up to 30x on a busy machine; transparent huge pages save up to 4x on large element-wise operations.
    // oneDNN keeps the code of 1,024 products, a quarter of a megabyte each; where every batch has other lengths, memory grows until they are there.
    private static readonly (string Name, string Value)[] Defaults =
    [
        ("OMP_WAIT_POLICY", "PASSIVE"),
        ("THP_MEM_ALLOC_ENABLE", "1"),
        ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256"),
    ];

    private const int MmapThreshold = -3, TrimThreshold = -1, Never = -1;

    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var (name, value) in Defaults)
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
                _ = SetEnv(name, value, 0);
        }
        if (!UserTunesMalloc)
            KeepFreedBlocks();
    }

    // A freed tensor's pages go to the next tensor instead of back to the system, which would have to clear them again:
    // measured 1.6x in training the mini world's generator, a quarter of whose time was spent in the kernel. 32 MB is the C library's upper limit.
    private static void KeepFreedBlocks()
    {
        try
        {
            _ = MallOpt(MmapThreshold, 32 << 20);
            _ = MallOpt(TrimThreshold, Never);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library than glibc: its allocator stays as it is.
        }
    }

    private static bool UserTunesMalloc =>
        new[] { "GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_" }
            .Any(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)));

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
