using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary>CogVideoX-2B's size with random weights, T5-XXL included, from the command line: memory, time, cancelling, going on after a kill.</summary>
/// <remarks>Writes 13.3 GB; VPO_RANDOM_COGVIDEOX names a folder that is kept for the next time.</remarks>
[Trait("Category", "Long")]
public sealed class LargeVideoTests : IDisposable
{
    private const double Gibi = 1L << 30, MostMemory = 16e9;
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(6);
    private static readonly string[] Parts = ["text_encoder", "transformer", "vae"];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-large-").FullName;

    private static string Program => Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll");

    private string Model => Environment.GetEnvironmentVariable("VPO_RANDOM_COGVIDEOX") is { Length: > 0 } kept ? kept : In("random-cogvideox-2b");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    [Fact(Explicit = true)]
    public async Task Generate_TwoBillionParameters_FitsCancelsWithinAStepAndGoesOnAfterAKill()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("measures memory by /proc");
        var written = await Watched.RunAsync(["mini", "random-cogvideox", "--out", Model, "--tokenizer", Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model", "tokenizer")]);
        Say("writing the folder", written);
        Assert.True(written.Peak < 1e9, "writing random weights must not hold them");
        await File.WriteAllTextAsync(In("generators.json"), JsonSerializer.Serialize(new { big = new { Kind = "cogvideox", Model, Offload = "InOrder", TruncatesPrompts = true } }));

        var whole = await Watched.RunAsync(Generate("a red fox sits in snow", "whole"));
        Say("9 frames of 352x240, 8 steps", whole);
        Assert.True(whole.Together.Count == Parts.Length && whole.Together.All(parts => parts.Length == 1), $"parts that were open together: {string.Join("; ", whole.Together.Select(parts => string.Join(" + ", parts)))}");
        Assert.Single(Lines("whole"));

        var cancelled = await Watched.RunAsync(Generate("a red fox runs", "cancelled"), process => process.InterruptWhenDenoising());
        Say($"cancelled in the first step, ended after {cancelled.AfterInterrupt.TotalSeconds:N1} s", cancelled);
        Assert.Empty(Lines("cancelled"));
        await CheckKill();

        Assert.True(whole.Peak < MostMemory, $"peak {whole.Peak / Gibi:N1} GiB");
        Assert.True(cancelled.AfterInterrupt < whole.Time / 8, "cancelling must act within a step");
        Assert.True(whole.Time < MostTime, $"{whole.Time.TotalMinutes:N1} minutes; the bound is for two quiet cores");
    }

    /// <summary>Three small clips; killed when the first is there.</summary>
    private async Task CheckKill()
    {
        await File.WriteAllLinesAsync(In("prompts.txt"), ["a red ball", "a blue ball", "a green ball"]);
        string[] arguments = ["generate", "--generator", "big", "--config", In("generators.json"), "--input", In("prompts.txt"), "--out", In("batch"), "--format", "rgb", "--size", "96x96", "--frames", "1", "--steps", "2"];
        await Watched.RunAsync(arguments, process => process.KillWhen(() => Lines("batch").Length == 1));
        var first = Lines("batch");
        var rest = await Watched.RunAsync(arguments);
        Assert.Contains("1 were there already, 0 failed", rest.Error, StringComparison.Ordinal);
        Assert.Equal((3, first[0]), (Lines("batch").Length, Lines("batch")[0]));
        Say("two small clips after the kill", rest);
    }

    private string[] Generate(string prompt, string folder) =>
        ["generate", "--generator", "big", "--config", In("generators.json"), "--out", In(folder), "--format", "rgb", "--size", "352x240", "--frames", "9", "--steps", "8", prompt];

    private string[] Lines(string folder) => File.Exists(In(folder + "/clips.jsonl")) ? File.ReadAllLines(In(folder + "/clips.jsonl")) : [];

    private static void Say(string what, Watched run) => TestContext.Current.SendDiagnosticMessage(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {run.Time.TotalSeconds:N0} s ({run.Processor.TotalSeconds:N0} s of processor), peak {run.Peak / Gibi:N2} GiB, of which anonymous at most {run.Anonymous / Gibi:N2} GiB; {string.Join(", ", run.Stages.Select(s => $"{s.Part} from {s.At.TotalSeconds:N0} s"))}"));

    /// <summary>The program with what it took: sampled from /proc, a few times a second.</summary>
    private sealed class Watched
    {
        private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(50);
        private readonly long _start = Stopwatch.GetTimestamp();
        private Process? _process;
        private long _interrupted;

        public TimeSpan Time { get; private set; }
        public TimeSpan Processor { get; private set; }
        public TimeSpan AfterInterrupt { get; private set; }
        public double Peak { get; private set; }
        public double Anonymous { get; private set; }
        public string Error { get; private set; } = "";

        /// <summary>Which parts' weights were mapped at the same moment.</summary>
        public List<string[]> Together { get; } = [];

        /// <summary>Which part was open from when on; all are opened and closed for a moment at first, to check their weights.</summary>
        public List<(string Part, TimeSpan At)> Stages { get; } = [];

        public static async Task<Watched> RunAsync(string[] arguments, Action<Watched>? act = null)
        {
            var watched = new Watched();
            var run = await ProgramRun.StartAsync("dotnet", [Program, .. arguments], whileRunning: process => watched.Follow(process, act));
            watched.Error = run.Error;
            if (act is null)
                run.MustSucceed();
            return watched;
        }

        public void InterruptWhenDenoising()
        {
            if (_interrupted != 0 || Stages.Count == 0 || Stages[^1].Part != "transformer" || Stages.All(stage => stage.Part != "text_encoder"))
                return;
            Thread.Sleep(2000);   // into the middle of a step
            _interrupted = Stopwatch.GetTimestamp();
            using var kill = Process.Start("kill", ["-INT", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        }

        public void KillWhen(Func<bool> reached)
        {
            if (reached())
                _process!.Kill();
        }

        private void Follow(Process process, Action<Watched>? act)
        {
            for (_process = process; !process.WaitForExit(Sampling);)
            {
                Sample(process);
                act?.Invoke(this);
            }
            Time = Stopwatch.GetElapsedTime(_start);
            if (_interrupted != 0)
                AfterInterrupt = Stopwatch.GetElapsedTime(_interrupted);
        }

        private void Sample(Process process)
        {
            try
            {
                var id = process.Id;
                Processor = process.TotalProcessorTime;
                var status = File.ReadAllLines($"/proc/{id}/status");
                double Of(string name) => status.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line ? 1024 * double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) : 0;
                (Peak, Anonymous) = (Math.Max(Peak, Of("VmHWM:")), Math.Max(Anonymous, Of("RssAnon:")));
                var maps = File.ReadAllText($"/proc/{id}/maps");
                string[] open = [.. Parts.Where(part => maps.Contains($"/{part}/", StringComparison.Ordinal))];
                if (open.Length > 0 && !Together.Any(parts => parts.SequenceEqual(open)))
                    Together.Add(open);
                if (open.Length == 1 && (Stages.Count == 0 || Stages[^1].Part != open[0]))
                    Stages.Add((open[0], Stopwatch.GetElapsedTime(_start)));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has just ended.
            }
        }
    }
}
