using System.Diagnostics;
using System.Globalization;
using Vpo.Training.Groups;
using static TorchSharp.torch;

namespace Vpo.Training.Runs;

/// <summary>Processes that train together. Where Open MPI is absent the test of real processes is skipped by name.</summary>
public sealed class GroupTests
{
    private const string OutputVariable = "VPO_TEST_GROUP_OUTPUT", DeathVariable = "VPO_TEST_GROUP_DEATH";

    [Theory, InlineData(2), InlineData(3)]
    public void Train_ThreadsAsAGroup_EqualOneWithAsManyTimesTheBatch(int size)
    {
        foreach (var train in (Func<int, IWorkGroup?, float[]>[])[Dpo, Sft])
        {
            var alone = train(2 * size, null);
            var group = new Threads(size);
            var results = new float[size][];
            var threads = Enumerable.Range(0, size).Select(rank => new Thread(() => results[rank] = train(2, group.Of(rank)))).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            Assert.All(results, r => Assert.All(alone.Zip(r), p => Assert.Equal(p.First, p.Second, 2e-3f)));
        }
    }

    [Fact]
    public void Train_LossAcrossTheBatch_IsRefusedInAGroup()
    {
        using var model = Tiny.Model();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-3), Loss = new PreferenceLoss.Aot() };
        Assert.Throws<ArgumentException>(() => new PreferenceTrainer(model, options).Train(Tiny.Pairs(4), new() { Group = new Threads(2).Of(0) }));
    }

    [Fact]
    public async Task Bug24_TwoRanksOfMpi_EqualOneWithTwiceTheBatch()
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "weights.txt");
        var (_, said) = await MpirunAsync(output);
        Assert.True(File.Exists(output), said);
        var together = File.ReadAllText(output).Split(' ').Select(v => float.Parse(v, CultureInfo.InvariantCulture));
        Assert.All(Dpo(4, null).Zip(together), p => Assert.Equal(p.First, p.Second, 2e-3f));
    }

    private static async Task<(int Code, string Said)> MpirunAsync(string output, string? death = null)
    {
        Assert.SkipUnless(MpiGroup.IsInstalled && File.Exists("/usr/bin/mpirun"), "absent: Open MPI (openmpi-bin)");
        var start = new ProcessStartInfo("/usr/bin/mpirun", ["--allow-run-as-root", "--oversubscribe", "-n", "2", Path.ChangeExtension(typeof(GroupTests).Assembly.Location, null)!, "-method", $"{typeof(GroupTests).FullName}.{nameof(Child)}", "-explicit", "only"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[OutputVariable] = output;
        start.Environment["OMP_NUM_THREADS"] = "1";
        if (death is not null)
            start.Environment[DeathVariable] = death;
        using var mpirun = Process.Start(start)!;
        var said = await Task.WhenAll(mpirun.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), mpirun.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await mpirun.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (mpirun.ExitCode, string.Concat(said));
    }

    private static void Die(int step, string how)
    {
        if (step < 3)
            return;
        if (how == "killed")
            Process.GetCurrentProcess().Kill();
        throw new InvalidDataException("a page of the data is unreadable.");
    }

    [Theory, InlineData("killed", "signal 9"), InlineData("fails", "rank 1 of 2 ends all: InvalidDataException: a page of the data is unreadable.")]
    public async Task Train_OneRankOfMpiDies_AllEndWithAMessage(string how, string message)
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "weights.txt");
        var (code, said) = await MpirunAsync(output, how);
        Assert.NotEqual(0, code);
        Assert.Contains(message, said, StringComparison.Ordinal);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void Train_OneOfAGroupIsCancelled_TheOthersAreTold()
    {
        using var model = Tiny.Model();
        var run = new TrainingRun { Group = new Threads(2).Of(0), CancellationToken = new(canceled: true) };
        var told = Assert.Throws<InvalidOperationException>(() => new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2) }).Train(Tiny.Rows(4), run));
        Assert.Equal("training was cancelled.", told.Message);
    }

    /// <summary>What mpirun starts.</summary>
    [Fact(Explicit = true)]
    public void Child()
    {
        if (Environment.GetEnvironmentVariable(OutputVariable) is not { } output)
            return;
        using var group = MpiGroup.Join()!;
        var dies = Environment.GetEnvironmentVariable(DeathVariable);
        if (dies is not null)
        {
            using var model = Tiny.Model();
            var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 2, Epochs = 1000 };
            new PreferenceTrainer(model, options).Train(Tiny.Pairs(9), new() { Group = group, Progress = group.Rank == 0 ? null : new EachStep(p => Die(p.Point.Step, dies)) });
        }
        var weights = Dpo(2, group);
        if (group.Rank == 0)
            File.WriteAllText(output, string.Join(' ', weights.Select(w => w.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static float[] Dpo(int batch, IWorkGroup? group)
    {
        using var model = Tiny.Model();
        new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = batch, Epochs = 2 }).Train(Tiny.Pairs(9), new() { Group = group });
        return [.. Tiny.Snapshot(model).SelectMany(w => w.Value)];
    }

    private static float[] Sft(int batch, IWorkGroup? group)
    {
        using var model = Tiny.Model();
        new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = batch, Epochs = 2 }).Train(Tiny.Rows(9), new() { Group = group });
        return [.. Tiny.Snapshot(model).SelectMany(w => w.Value)];
    }

    /// <summary>A group of threads.</summary>
    private sealed class Threads(int size)
    {
        private readonly Barrier _barrier = new(size);
        private readonly Tensor[] _values = new Tensor[size];

        public IWorkGroup Of(int rank) => new Member(this, rank, size);

        private sealed class Member(Threads group, int rank, int size) : IWorkGroup
        {
            public int Rank => rank;

            public int Size => size;

            public void Sum(Tensor tensor)
            {
                using var guard = no_grad();
                using var own = tensor.clone();
                group._values[rank] = own;
                group._barrier.SignalAndWait();
                tensor.zero_();
                foreach (var value in group._values)
                    tensor.add_(value);
                group._barrier.SignalAndWait();
            }

            public void Abort(string reason) => throw new InvalidOperationException(reason);
        }
    }
}
