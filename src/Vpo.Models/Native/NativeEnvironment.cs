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
    private static readonly (string Name, string Value)[] Defaults =
    [
        ("OMP_WAIT_POLICY", "PASSIVE"),
        ("THP_MEM_ALLOC_ENABLE", "1"),
    ];

    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var (name, value) in Defaults)
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
                _ = SetEnv(name, value, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
