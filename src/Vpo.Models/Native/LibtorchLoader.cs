using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Vpo.Models.Native;

/// <summary>
/// Loads libtorch and TorchSharp's native half before the first tensor, with the environment that makes them fast.
/// </summary>
/// <remarks>
/// Runs by itself when Vpo.Models is first used. On Linux it also bridges an older libstdc++: TorchSharp 0.107 asks for
/// GLIBCXX_3.4.32, of which it uses nothing; <see cref="WeakVersionPatch"/> makes that wish optional in a copy in memory.
/// </remarks>
public static class LibtorchLoader
{
    private const string BridgeName = "LibTorchSharp";

    /// <summary>What happened: how the native half was loaded, or why it could not be.</summary>
    public static string Outcome { get; private set; } = "not loaded";

    /// <summary>The folder that holds libtorch, or null when the system's own search found it (or nothing did).</summary>
    public static string? Folder { get; private set; }

    /// <summary>The reason of a failure in words, or null when the native half is loaded.</summary>
    public static string? Failure { get; private set; }

    /// <summary>Fails with the real cause if the native half could not be loaded.</summary>
    /// <exception cref="DllNotFoundException">libtorch or TorchSharp's native library is absent or does not load; the message says which and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (Failure is not null)
            throw new DllNotFoundException(Failure);
    }

    // A library may well need to run code before its first P/Invoke; that is what this is for.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "native environment must be set before libtorch loads")]
    [ModuleInitializer]
    internal static void Load()
    {
        NativeEnvironment.Apply();
        if (!OperatingSystem.IsLinux())
        {
            Outcome = "left to TorchSharp";
            return;
        }
        Folder = FindFolder();
        if (Folder is null)
        {
            Failure = "libtorch was not found beside the application. Expected libtorch_cpu.so in the output folder or in runtimes/linux-x64/native. "
                + "Add the package libtorch-cpu-linux-x64 (version 2.10.0) or TorchSharp-cpu (0.107.0) to the application's project; the Vpo libraries leave that choice to the application.";
            Outcome = "failed: libtorch not found";
            return;
        }
        try
        {
            foreach (var name in LoadOrder(Folder))
                NativeLibrary.Load(name);
            var bridge = LoadBridge(Folder);
            NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, (name, _, _) => name == BridgeName ? bridge : IntPtr.Zero);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or IOException)
        {
            Failure = $"libtorch in '{Folder}' does not load: {e.Message.ReplaceLineEndings(" ")}";
            Outcome = "failed: " + e.Message.Split('\n')[0];
        }
    }

    /// <summary>TorchSharp's native library: as it is where the system's libstdc++ is new enough, else a patched copy in memory.</summary>
    private static IntPtr LoadBridge(string folder)
    {
        var path = Path.Combine(folder, "libLibTorchSharp.so");
        try
        {
            var handle = NativeLibrary.Load(path);
            Outcome = "loaded";
            return handle;
        }
        catch (DllNotFoundException e) when (e.Message.Contains("GLIBCXX_", StringComparison.Ordinal) && File.Exists(path))
        {
            var patched = WeakVersionPatch.Apply(File.ReadAllBytes(path), "GLIBCXX_3.4.32");
            var handle = MemoryFile.LoadLibrary(BridgeName, patched);
            Outcome = "loaded with the GLIBCXX_3.4.32 wish made optional (libstdc++ here is older)";
            return handle;
        }
    }

    private static string? FindFolder()
    {
        var start = AppContext.BaseDirectory;
        var assembly = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        string[] roots = string.IsNullOrEmpty(assembly) ? [start] : [start, assembly];
        return roots.SelectMany(root => new[] { Path.Combine(root, "runtimes", "linux-x64", "native"), root })
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "libtorch_cpu.so")));
    }

    /// <summary>Dependencies before dependents, all from one folder.</summary>
    private static IEnumerable<string> LoadOrder(string folder)
    {
        var gomp = Directory.EnumerateFiles(folder, "libgomp*.so*").Order(StringComparer.Ordinal);
        string[] rest = ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];
        return gomp.Concat(rest.Select(name => Path.Combine(folder, name)).Where(File.Exists));
    }
}
