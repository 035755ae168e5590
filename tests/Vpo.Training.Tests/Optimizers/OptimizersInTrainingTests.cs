using Vpo.Models.Layers;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>8-bit moments and updates during the backward pass inside of whole runs.</summary>
public sealed class OptimizersInTrainingTests
{
    private static readonly OptimizerOptions Narrow = new AdamW8bitOptions { LeastElements = 0, WeightDecay = 0.01 };

    private static PreferenceOptions Dpo(OptimizerOptions optimizer) => new()
    {
        Schedule = new LearningRateSchedule.Linear(1e-2, 2),
        BatchSize = 2,
        Epochs = 3,
        CheckpointEvery = 4,
        MaxGradientNorm = null,
        Layout = RowLayout.SharedPrompt,
        Optimizer = optimizer,
    };

    public static TheoryData<string, bool, bool> Ways => new(
        from optimizer in (string[])["adamw", "adamw8bit", "adafactor"]
        from tied in (bool[])[false, true]
        from recompute in (bool[])[false, true]
        select (optimizer, tied, recompute));

    [Theory, MemberData(nameof(Ways))]
    public void InBackward_AnyOptimizer_EqualsUpdatingAfterwardsToTheLastBit(string name, bool tied, bool recompute)
    {
        var optimizer = Named(name);
        var (after, during) = (Train(Dpo(optimizer) with { Recompute = recompute }, tied), Train(Dpo(new InBackwardOptions(optimizer)) with { Recompute = recompute }, tied));
        Assert.Equal(after.Weights, during.Weights);
        Assert.Equal(after.Points.Select(p => (p.Loss, p.LearningRate, p.Margin)), during.Points.Select(p => (p.Loss, p.LearningRate, p.Margin)));
        Assert.All(after.Points.Zip(during.Points), p => Assert.Equal(p.First.GradientNorm, p.Second.GradientNorm, p.First.GradientNorm * 1e-5));
    }

    [Fact]
    public void InBackward_NarrowParameters_EqualsUpdatingAfterwardsToTheLastBit()
    {
        var options = new SftOptions { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 3, MaxGradientNorm = null, Layout = RowLayout.Packed };
        float[] Once(OptimizerOptions optimizer)
        {
            using var model = LlamaModel.Initialize(Tiny.Config, 1, ScalarType.BFloat16).RequireGradients();
            new SupervisedFineTuner(model, options with { Optimizer = optimizer }).Train(Tiny.Rows(9));
            return [.. model.named_parameters().SelectMany(p => p.parameter.detach().to(ScalarType.Float32).data<float>().ToArray())];
        }
        Assert.Equal(Once(Narrow), Once(new InBackwardOptions(Narrow)));
    }

    [Fact]
    public void InBackward_Gradients_AreGoneAfterTheirUpdate()
    {
        using var model = Tiny.Model();
        var most = 0;
        using var parameters = new TrainedParameters(model.AllParameters, keepGradients: false);
        using var optimizer = new AdamW(parameters);
        var updates = new BackwardUpdates(parameters, optimizer);
        updates.Begin(1e-3);
        int Present() => model.parameters().Count(p => p.grad is not null);
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of(Tiny.Rows(3), CPU);
        using var scores = SequenceLogProbs.Of(model, batch, new()
        {
            Layout = RowLayout.Packed,
            Completed = p =>
            {
                most = Math.Max(most, Present());
                updates.Complete(p);
            },
        });
        Assert.Equal(0, Present());
        scores.Backward(scores.Tokens.sum().neg());
        Assert.InRange(updates.End(), 1e-3, 1e3);
        Assert.Equal(0, Present());
        Assert.InRange(most, 1, 10);   // a layer's nine and the last norm; the model has 21
        Assert.Equal(21, model.parameters().Count());
    }

    [Fact]
    public void InBackward_WhatNeedsAllGradients_IsRefusedWithTheOptionToChange()
    {
        void Refused(string option, PreferenceOptions options)
        {
            using var model = Tiny.Model();
            Assert.Contains(option, Assert.Throws<ArgumentException>(() => new PreferenceTrainer(model, options).Train(Tiny.Pairs(4))).Message, StringComparison.Ordinal);
        }
        var options = Dpo(new InBackwardOptions(new AdamWOptions()));
        Refused("MaxGradientNorm to null", options with { MaxGradientNorm = 1 });
        Refused("Accumulation to 1", options with { Accumulation = 2 });
        Refused("Lanes to 1", options with { Lanes = 2 });
        Refused("RowLayout than Padded", options with { Layout = RowLayout.Padded });
        using (var alone = Tiny.Model())
        {
            var refused = Assert.Throws<ArgumentException>(() => new PreferenceTrainer(alone, options).Train(Tiny.Pairs(4), new() { Group = new Pair() }));
            Assert.Contains("one process", refused.Message, StringComparison.Ordinal);
        }
        Assert.Contains("denoising", Assert.Throws<ArgumentException>((DiffusionDpoOptions.VisionReward with { MaxGradientNorm = null, Accumulation = 1, Optimizer = options.Optimizer }).Check).Message, StringComparison.Ordinal);
        Refused("once", options with { Optimizer = new InBackwardOptions(options.Optimizer) });
    }

    [Fact]
    public void InBackward_GradientThatIsNotFinite_StopsWithTheLastGoodCheckpoint()
    {
        using var folder = new TemporaryFolder();
        using var model = Tiny.Model();
        var options = new SftOptions { Schedule = new LearningRateSchedule.Constant(1e-3), BatchSize = 2, MaxGradientNorm = null, Layout = RowLayout.Packed, CheckpointEvery = 1, Optimizer = new InBackwardOptions(new AdamWOptions()) };
        var grow = new EachStep(p =>
        {
            if (p.Point.Step == 3)
                Multiply(model.HeadWeight, 1e25f);   // the loss is then finite, and squares of gradients are not
        });
        var stopped = Assert.Throws<TrainingStoppedException>(() => new SupervisedFineTuner(model, options).Train(Tiny.Rows(10), new() { Folder = folder.Path, Progress = grow }));
        Assert.Contains("not finite", stopped.Message, StringComparison.Ordinal);
        Assert.EndsWith("checkpoint-000003.safetensors", stopped.Checkpoint, StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(4), InlineData(6)]
    public void Train_StoppedAndStartedAgain_GivesTheSameToTheLastBit(int stopAfter)
    {
        foreach (var optimizer in (OptimizerOptions[])[Narrow, new InBackwardOptions(Narrow)])
        {
            using var folder = new TemporaryFolder();
            using var stop = new CancellationTokenSource();
            var run = new TrainingRun { Folder = folder.Path, CancellationToken = stop.Token, Progress = new EachStep(p => { if (p.Point.Step == stopAfter) stop.Cancel(); }) };
            Assert.Throws<OperationCanceledException>(() => Train(Dpo(optimizer), run: run));
            var (resumed, whole) = (Train(Dpo(optimizer), run: new() { Folder = folder.Path }), Train(Dpo(optimizer)));
            Assert.Equal(whole.Weights, resumed.Weights);
            Assert.Equal(whole.Points.Select(p => (p.Step, p.Loss, p.GradientNorm)), resumed.Points.Select(p => (p.Step, p.Loss, p.GradientNorm)));
        }
    }

    [Fact]
    public void Train_AnotherOptimizerInTheSameFolder_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Train(Dpo(Narrow), run: new() { Folder = folder.Path });
        foreach (var other in (OptimizerOptions[])[new AdamWOptions(), new InBackwardOptions(Narrow), Narrow with { }])
        {
            if (other == Narrow)
                Train(Dpo(other), run: new() { Folder = folder.Path });
            else
                Assert.Contains("Optimizer = " + other.GetType().Name, Assert.Throws<RunMismatchException>(() => Train(Dpo(other), run: new() { Folder = folder.Path })).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Train_EightBitMoments_LearnAsFloat32Does()
    {
        var options = new SftOptions { Schedule = new LearningRateSchedule.Cosine(1e-2, 2), BatchSize = 4, Epochs = 12, Layout = RowLayout.Packed };
        (double[] Losses, Dictionary<string, float[]> Weights) Once(OptimizerOptions optimizer)
        {
            using var model = Tiny.Model();
            var result = new SupervisedFineTuner(model, options with { Optimizer = optimizer }).Train(Tiny.Rows(24));
            return ([.. result.Points.Select(p => p.Loss)], Tiny.Snapshot(model));
        }
        var (wide, narrow) = (Once(new AdamWOptions()), Once(new AdamW8bitOptions { LeastElements = 0 }));
        double Last(double[] losses) => losses[^6..].Average();
        var furthest = wide.Losses.Zip(narrow.Losses, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Current.SendDiagnosticMessage($"loss from {wide.Losses[0]:f3} to {Last(wide.Losses):f3} and {Last(narrow.Losses):f3}, never further apart than {furthest:f3}");
        Assert.True(Last(wide.Losses) < 0.6 * wide.Losses[0]);
        Assert.Equal(Last(wide.Losses), Last(narrow.Losses), 0.05 * Last(wide.Losses));
        Assert.InRange(furthest, 1e-6, 0.2);
        Assert.NotEqual(wide.Weights, narrow.Weights);
    }

    private static OptimizerOptions Named(string name) => name switch
    {
        "adamw" => new AdamWOptions { WeightDecay = 0.01 },
        "adamw8bit" => Narrow,
        _ => new AdafactorOptions { RelativeStep = false },
    };

    private static (IReadOnlyList<TrainingPoint> Points, Dictionary<string, float[]> Weights) Train(PreferenceOptions options, bool tied = false, TrainingRun? run = null)
    {
        using var model = Tiny.Model(tied: tied);
        return (new PreferenceTrainer(model, options).Train(Tiny.Pairs(6), run).Points, Tiny.Snapshot(model));
    }

    /// <summary>One of two processes, whose other one is never asked.</summary>
    private sealed class Pair : Groups.IWorkGroup
    {
        public int Rank => 0;

        public int Size => 2;

        public void Sum(Tensor tensor) => Assert.Fail("nothing should be added");

        public void Abort(string reason) { }
    }

    private static void Multiply(Tensor parameter, float factor)
    {
        using var quiet = no_grad();
        using var product = parameter.mul(factor);
        parameter.copy_(product);
    }
}
