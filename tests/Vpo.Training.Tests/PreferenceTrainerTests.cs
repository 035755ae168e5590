using Vpo.Models.Layers;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Training;

public sealed class PreferenceTrainerTests
{
    private static readonly PreferenceOptions Options = new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 4, Epochs = 3 };

    [Fact]
    public void Train_ReferenceSharesParametersWithThePolicy_IsRefusedByName()
    {
        using var model = Tiny.Model();
        var refused = Assert.Throws<ArgumentException>(() => new PreferenceTrainer(model, Options, model).Train(Tiny.Pairs(4)));
        Assert.Contains("model.layers.0.self_attn.q_proj.weight", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ReferenceChangesOnTheWay_IsStopped()
    {
        using var model = Tiny.Model();
        using var reference = Tiny.Model(seed: 2).RequireGradients(false);
        var meddler = new EachStep(_ => { using var guard = no_grad(); reference.HeadWeight.add_(1); });
        var stopped = Assert.Throws<TrainingStoppedException>(() => new PreferenceTrainer(model, Options, reference).Train(Tiny.Pairs(4), new() { Progress = meddler }));
        Assert.Contains("reference's parameters changed", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_LabelsAtRandom_StuckGuardSaysSo()
    {
        using var model = Tiny.Model();
        List<PreferenceExample> both = [.. Tiny.Pairs(8).SelectMany(p => new[] { p, p with { Chosen = p.Rejected, Rejected = p.Chosen } })];
        var options = Options with { BatchSize = 16, Epochs = 30, StuckAfter = 10 };
        var stopped = Assert.Throws<TrainingStoppedException>(() => new PreferenceTrainer(model, options).Train(both));
        Assert.Contains("accuracy not above 0.5", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ReferenceMovesAllTheWayEveryStep_EachStepStartsFromLn2()
    {
        using var model = Tiny.Model();
        var points = new PreferenceTrainer(model, Options with { ReferenceSync = new(Every: 1, Mix: 1) }).Train(Tiny.Pairs(8)).Points;
        Assert.All(points, p => Assert.Equal(0.693147182f, (float)p.Loss));
    }

    [Fact]
    public void Train_MovingReferenceStoppedAndResumed_IsTheSameToTheLastBit()
    {
        var options = Options with { ReferenceSync = new(Every: 2, Mix: 0.5), CheckpointEvery = 3, BatchSize = 2 };
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using (var first = Tiny.Model())
        {
            var run = new TrainingRun { Folder = folder.Path, CancellationToken = stop.Token, Progress = new EachStep(p => { if (p.Point.Step == 5) stop.Cancel(); }) };
            Assert.Throws<OperationCanceledException>(() => new PreferenceTrainer(first, options).Train(Tiny.Pairs(8), run));
        }
        using Models.Llama.LlamaModel again = Tiny.Model(), straight = Tiny.Model();
        new PreferenceTrainer(again, options).Train(Tiny.Pairs(8), new() { Folder = folder.Path });
        new PreferenceTrainer(straight, options).Train(Tiny.Pairs(8));
        Assert.Equal(Tiny.Snapshot(straight), Tiny.Snapshot(again));
    }

    [Fact]
    public void Train_EmbeddingNoise_ChangesTrainingTheSameWayEveryTime()
    {
        Dictionary<string, float[]> Train(double noise)
        {
            using var model = Tiny.Model();
            new PreferenceTrainer(model, Options with { EmbeddingNoise = noise }).Train(Tiny.Pairs(8));
            return Tiny.Snapshot(model);
        }
        Assert.Equal(Train(5), Train(5));
        Assert.NotEqual(Train(0)["model.norm.weight"], Train(5)["model.norm.weight"]);
    }

    [Theory, InlineData(false, false), InlineData(true, false), InlineData(false, true)]
    public void Train_Adapter_ChangesOnlyTheAdapterAndStartsFromLn2(bool stabilised, bool decomposed)
    {
        using var model = Tiny.Model().RequireGradients(false);
        var before = Tiny.Snapshot(model);
        using var adapter = LoraAdapter.Create(model, new() { Rank = 4, Alpha = 8, RankStabilized = stabilised, Decomposed = decomposed }, seed: 1);
        foreach (var (_, parameter) in adapter.Parameters)
            parameter.requires_grad = true;
        var points = new PreferenceTrainer(model, Options) { AsReference = adapter.Off }.Train(Tiny.Pairs(8)).Points;
        Assert.Equal(0.693147182f, (float)points[0].Loss, 1e-6f);
        Assert.True(points[^1].Loss < points[0].Loss);
        Assert.Equal(before, Tiny.Snapshot(model));
    }
}
