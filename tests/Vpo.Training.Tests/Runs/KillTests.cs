using System.Diagnostics;
using System.Globalization;
using Vpo.Models.Checkpoints;

namespace Vpo.Training.Runs;

/// <summary>kill -9 at random moments of training, most of which is writing checkpoints here: always resumable, never a torn file.</summary>
public sealed class KillTests
{
    private const string FolderVariable = "VPO_TEST_KILL_FOLDER";

    private static readonly PreferenceOptions Options = new() { Schedule = new LearningRateSchedule.Linear(1e-3), BatchSize = 2, Epochs = 100, CheckpointEvery = 1 };

    [Fact]
    public Task Train_KilledFiveTimes_EndsAsIfNothingHadHappened() => KilledAsync(5);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public Task Train_KilledThirtyTimes_EndsAsIfNothingHadHappened() => KilledAsync(30);

    /// <summary>What the other tests start and kill.</summary>
    [Fact(Explicit = true)]
    public void Child()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { } folder)
            Train(folder);
    }

    private static async Task KilledAsync(int times)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(times);
        for (var i = 0; i < times; i++)
        {
            using var child = Start(folder.Path);
            var reached = LastStep(folder.Path);
            while (!child.HasExited && LastStep(folder.Path) == reached)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            await Task.Delay(random.Next(0, 60), TestContext.Current.CancellationToken);
            child.Kill();
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            foreach (var file in Directory.GetFiles(folder.Path, "*.safetensors"))
            {
                using var whole = SafetensorsFile.Open(file);
            }
        }
        var resumed = Train(folder.Path);
        using var other = new TemporaryFolder();
        var straight = Train(other.Path);
        Assert.Equal(straight.Points.Select(p => p with { TokensPerSecond = 0 }), resumed.Points.Select(p => p with { TokensPerSecond = 0 }));
    }

    private static TrainingResult Train(string folder)
    {
        using var model = Tiny.Model();
        return new PreferenceTrainer(model, Options).Train(Tiny.Pairs(8), new() { Folder = folder });
    }

    private static int LastStep(string folder) => Directory.GetFiles(folder, "checkpoint-*.safetensors")
        .Select(f => int.Parse(Path.GetFileNameWithoutExtension(f)["checkpoint-".Length..], CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();

    private static Process Start(string folder)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(KillTests).Assembly.Location, null), ["-method", $"{typeof(KillTests).FullName}.{nameof(Child)}", "-explicit", "only"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = folder;
        start.Environment["OMP_NUM_THREADS"] = "1";
        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return child;
    }
}
