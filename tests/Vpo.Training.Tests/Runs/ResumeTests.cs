namespace Vpo.Training.Runs;

public sealed class ResumeTests
{
    private static readonly SftOptions Sft = new() { Schedule = new LearningRateSchedule.Cosine(1e-2, 2), BatchSize = 2, Epochs = 3, CheckpointEvery = 4 };

    private static readonly PreferenceOptions Dpo = new() { Schedule = new LearningRateSchedule.Linear(1e-2, 2), BatchSize = 2, Epochs = 3, CheckpointEvery = 4 };

    [Theory, InlineData(1), InlineData(4), InlineData(5), InlineData(11)]
    public void Train_StoppedAndStartedAgain_GivesTheSameToTheLastBit(int stopAfter)
    {
        AssertSame(Run(stopAfter, SftOnce), Run(null, SftOnce));
        AssertSame(Run(stopAfter, DpoOnce), Run(null, DpoOnce));
    }

    [Fact]
    public void Bug16_AnotherBetaInTheSameFolder_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        DpoOnce(new() { Folder = folder.Path });
        using var model = Tiny.Model();
        var other = Assert.Throws<RunMismatchException>(() => new PreferenceTrainer(model, Dpo with { Loss = new PreferenceLoss.Sigmoid(0.2) }).Train(Tiny.Pairs(10), new() { Folder = folder.Path }));
        Assert.Contains("Beta = 0.2", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug16_OtherDataOrStart_IsRefused()
    {
        using var folder = new TemporaryFolder();
        SftOnce(new() { Folder = folder.Path });
        using var model = Tiny.Model();
        Assert.Throws<RunMismatchException>(() => new SupervisedFineTuner(model, Sft).Train(Tiny.Rows(10, seed: 8), new() { Folder = folder.Path }));
        using var start = Tiny.Model(seed: 2);
        Assert.Throws<RunMismatchException>(() => new SupervisedFineTuner(start, Sft).Train(Tiny.Rows(10), new() { Folder = folder.Path }));
    }

    [Fact]
    public void Train_FinishedRun_IsNotTrainedAgain()
    {
        using var folder = new TemporaryFolder();
        var first = SftOnce(new() { Folder = folder.Path });
        var again = SftOnce(new() { Folder = folder.Path, Progress = new EachStep(_ => Assert.Fail("a step was done")) });
        AssertSame(first, again);
    }

    [Fact]
    public void Train_TornLastLine_IsDropped()
    {
        using var folder = new TemporaryFolder();
        var metrics = Path.Combine(folder.Path, "metrics.jsonl");
        SftOnce(new() { Folder = folder.Path });
        var lines = File.ReadAllLines(metrics);
        File.AppendAllText(metrics, "{\"step\":16,\"lo");
        SftOnce(new() { Folder = folder.Path });
        Assert.Equal(lines, File.ReadAllLines(metrics));
    }

    [Fact]
    public void Train_Checkpoints_KeepsTheNewest()
    {
        using var folder = new TemporaryFolder();
        SftOnce(new() { Folder = folder.Path });
        Assert.Equal(["checkpoint-000012.safetensors", "checkpoint-000015.safetensors"], Directory.GetFiles(folder.Path, "checkpoint-*").Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public void Train_Progress_CountsDownToZero()
    {
        var left = new List<TimeSpan>();
        SftOnce(new() { Progress = new EachStep(p => left.Add(p.TimeLeft)) });
        Assert.Equal((15, TimeSpan.Zero), (left.Count, left[^1]));
    }

    private static (TrainingResult, Dictionary<string, float[]>) SftOnce(TrainingRun run)
    {
        using var model = Tiny.Model();
        return (new SupervisedFineTuner(model, Sft).Train(Tiny.Rows(10), run), Tiny.Snapshot(model));
    }

    private static (TrainingResult, Dictionary<string, float[]>) DpoOnce(TrainingRun run)
    {
        using var model = Tiny.Model();
        return (new PreferenceTrainer(model, Dpo).Train(Tiny.Pairs(10), run), Tiny.Snapshot(model));
    }

    private static (TrainingResult, Dictionary<string, float[]>) Run(int? stopAfter, Func<TrainingRun, (TrainingResult, Dictionary<string, float[]>)> once)
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        if (stopAfter is { } steps)
        {
            var run = new TrainingRun { Folder = folder.Path, CancellationToken = stop.Token, Progress = new EachStep(p => { if (p.Point.Step == steps) stop.Cancel(); }) };
            Assert.Throws<OperationCanceledException>(() => once(run));
        }
        return once(new() { Folder = folder.Path });
    }

    private static void AssertSame((TrainingResult Result, Dictionary<string, float[]> Weights) a, (TrainingResult Result, Dictionary<string, float[]> Weights) b)
    {
        static IEnumerable<TrainingPoint> Timeless(TrainingResult result) => result.Points.Select(p => p with { TokensPerSecond = 0 });
        Assert.Equal(Timeless(a.Result), Timeless(b.Result));
        Assert.Equal(a.Weights, b.Weights);
    }
}
