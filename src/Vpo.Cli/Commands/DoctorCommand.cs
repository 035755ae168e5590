using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using Vpo.Models.Decoding;
using Vpo.Models.Native;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo doctor</c>: what this machine has, what was chosen, what is missing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Shows versions, CPU features, the chosen number type, threads and device, and what is missing.");
        command.SetAction(_ => Run(Console.Out));
        return command;
    }

    private static int Run(TextWriter output)
    {
        output.WriteLine($"vpo        {typeof(DoctorCommand).Assembly.GetName().Version?.ToString(3)}");
        output.WriteLine($".NET       {Environment.Version} on {RuntimeInformation.OSDescription} ({RuntimeInformation.ProcessArchitecture})");
        output.WriteLine($"CPU        {Environment.ProcessorCount} logical cores; {string.Join(", ", CpuFeatures())}");
        output.WriteLine($"memory     {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 20):N0} MiB available");
        output.WriteLine($"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}: {LibtorchLoader.Outcome}{(LibtorchLoader.Folder is { } f ? $" from {f}" : "")}");
        if (LibtorchLoader.Failure is { } failure)
        {
            output.WriteLine("missing    " + failure);
            return 1;
        }
        WriteTorch(output);
        WriteFound(output, "ffmpeg", "MP4 files (install: apt-get install ffmpeg)");
        WriteFound(output, "mpirun", "training on several processes (install: apt-get install openmpi-bin)");
        return 0;
    }

    private static void WriteTorch(TextWriter output)
    {
        var device = Environment.GetEnvironmentVariable("VPO_DEVICE") is { Length: > 0 } name ? torch.device(name) : torch.CPU;
        output.WriteLine($"libtorch   {torch.__version__}; {torch.get_num_threads()} threads; CUDA {(torch.cuda.is_available() ? $"with {torch.cuda.device_count()} devices" : "not available")}");
        output.WriteLine($"device     {device} (set VPO_DEVICE for another)");
        output.WriteLine($"type       {ComputeProbe.FastestType(device)} ({string.Join(", ", ComputeProbe.Rates.Select(r => $"{r.Key} {r.Value:N0} GFLOP/s"))} a thread)");
        output.WriteLine($"weights    {WeightProbe.Fastest?.ToString() ?? "as in the model"} for writing text ({string.Join(", ", WeightProbe.Rates.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value:0.0}")))} billion a second and thread; --weights for another)");
    }

    private static void WriteFound(TextWriter output, string program, string purpose)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program)).FirstOrDefault(File.Exists);
        output.WriteLine($"{program,-10} {path ?? $"not found; only needed for {purpose}"}");
    }

    private static IEnumerable<string> CpuFeatures()
    {
        if (Avx2.IsSupported)
            yield return "AVX2";
        if (Avx512F.IsSupported)
            yield return "AVX-512";
        if (OperatingSystem.IsLinux() && File.Exists("/proc/cpuinfo"))
        {
            var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
            foreach (var flag in flags.Intersect(["avx512_bf16", "amx_bf16", "avx512_vnni"]))
                yield return flag;
        }
    }
}
