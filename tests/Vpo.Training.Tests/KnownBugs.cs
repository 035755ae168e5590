using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Bugs that other trainers had (notes/dpo.md section 7), each as a test under its number there.</summary>
public sealed class KnownBugs
{
    private const float Ln2 = 0.693147182f;

    [Fact]
    public void Bug04_PaddingIdEqualsTheEndOfTurn_EndOfTurnIsStillTrained()
    {
        const int End = 0;   // also what rows are padded with
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of([new TokenizedExample([5, 6], [7, End]), new([5], [8, 9, 10, 11, End])]);
        Assert.Equal([2, 3, 7, 8, 9, 10, 11], batch.TrainedAt.data<long>().ToArray());
        Assert.Equal([2, 5], batch.TrainedPerRow);
    }

    [Fact]
    public void Bug04_WhatStandsInThePadding_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        using var batch = TokenBatch.Of([new TokenizedExample([5, 6], [7]), new([5], [8, 9, 10, 11])]);
        var before = SequenceLogProbs.Of(model, batch).Tokens;
        batch.Ids[0, 4] = tensor(33L);
        Assert.Equal(before.data<float>().ToArray(), SequenceLogProbs.Of(model, batch).Tokens.data<float>().ToArray());
    }

    [Fact]
    public void Bug06_TruncationLeavesNoCompletion_RowIsDroppedAndCounted()
    {
        using var model = Tiny.Model();
        List<TokenizedExample> rows = [new([1, 2, 3, 4], []), .. Tiny.Rows(4)];
        var result = new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Linear(1e-3) }).Train(rows);
        Assert.Equal(1, result.Dropped);
        Assert.All(result.Points, p => Assert.True(double.IsFinite(p.Loss)));
    }

    [Fact]
    public void Bug06_BatchWithAnEmptyRow_IsRefused() => Assert.Throws<ArgumentException>(() => TokenBatch.Of([new TokenizedExample([1, 2], [])]));

    [Fact]
    public void Bug07_Bfloat16Model_LogProbsAreFloat32AndFollowFromItsLogits()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(compute: ScalarType.BFloat16);
        using var batch = TokenBatch.Of(Tiny.Rows(4));
        var scores = SequenceLogProbs.Of(model, batch);
        Assert.Equal(ScalarType.Float32, scores.Tokens.dtype);
        var at = batch.TrainedAt.data<long>().ToArray();
        var log = model.forward(batch.Ids).to(ScalarType.Float64).log_softmax(-1).view(-1, Tiny.Vocabulary);
        var ids = batch.Ids.view(-1).data<long>().ToArray();
        var expected = at.Select(i => (float)log[i - 1, ids[i]].item<double>()).ToArray();
        foreach (var (e, a) in expected.Zip(scores.Tokens.data<float>().ToArray()))
            Assert.Equal(e, a, 0.02f);   // one bfloat16 rounding of a logit: the head may run on another number of rows
    }

    [Fact]
    public void Bug08_AfterTheFirstUpdate_LossMovesAndReferenceDoesNot()
    {
        using var model = Tiny.Model();
        using var reference = model.Copy();
        var before = Tiny.Snapshot(reference);
        var result = new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 4, Epochs = 2 }, reference).Train(Tiny.Pairs(8));
        Assert.Equal(Ln2, result.Points[0].Loss, 1e-6);
        Assert.NotEqual(Ln2, result.Points[1].Loss, 1e-4);
        Assert.Equal(before, Tiny.Snapshot(reference));
    }

    [Fact]
    public void Bug08_PolicyThatCannotMove_IsStoppedWithTheReason()
    {
        using var model = Tiny.Model();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-30), BatchSize = 2 };
        var stopped = Assert.Throws<TrainingStoppedException>(() => new PreferenceTrainer(model, options).Train(Tiny.Pairs(20)));
        Assert.Contains("still equals its reference", stopped.Message, StringComparison.Ordinal);
    }

    [Theory, InlineData(ScalarType.Float32), InlineData(ScalarType.BFloat16)]
    public void Bug09_FirstStep_PolicyEqualsReferenceToTheLastBit(ScalarType compute)
    {
        using var model = Tiny.Model(compute: compute);
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Linear(1e-3, 1), BatchSize = 3 };
        var points = new PreferenceTrainer(model, options).Train(Tiny.Pairs(12)).Points;
        foreach (var point in points.Take(2))   // the first rate is 0, so the second step sees the start too
        {
            Assert.Equal(Ln2, (float)point.Loss);
            Assert.Equal((0, 0, 0, 0), (point.ChosenReward, point.RejectedReward, point.Margin, point.Accuracy));
        }
    }

    [Fact]
    public void Bug11_SftAccumulation_EqualsOneLargeBatch()
    {
        var rows = Tiny.Rows(8);
        Dictionary<string, float[]> Train(int batch, int accumulation)
        {
            using var model = Tiny.Model();
            new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = batch, Accumulation = accumulation, Shuffle = false }).Train(rows);
            return Tiny.Snapshot(model);
        }
        AssertClose(Train(8, 1), Train(2, 4));
    }

    [Fact]
    public void Bug11_DpoAccumulation_EqualsOneLargeBatchOfEqualParts()
    {
        var pairs = Tiny.Pairs(8);
        Dictionary<string, float[]> Train(int batch, int accumulation)
        {
            using var model = Tiny.Model();
            new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = batch, Accumulation = accumulation, Shuffle = false }).Train(pairs);
            return Tiny.Snapshot(model);
        }
        AssertClose(Train(8, 1), Train(2, 4));
    }

    [Fact]
    public void Bug12_AccuracyOfAStep_IsTheMeanOverItsMicroBatches()
    {
        using var model = Tiny.Model();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(3e-2), BatchSize = 1, Accumulation = 5, Epochs = 4 };
        var points = new PreferenceTrainer(model, options).Train(Tiny.Pairs(5)).Points;
        Assert.All(points, p => Assert.Equal(Math.Round(p.Accuracy!.Value * 5), p.Accuracy.Value * 5, 1e-6));
        Assert.Contains(points.Skip(1), p => p.Accuracy > 0);
    }

    [Fact]
    public void Bug13_SftTerm_LeavesRewardsAlone()
    {
        TrainingPoint First(PreferenceLoss loss)
        {
            using var model = Tiny.Model();
            using var reference = Tiny.Model(seed: 2);
            return new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Constant(1e-3), Loss = loss }, reference).Train(Tiny.Pairs(4)).Points[0];
        }
        var (plain, mixed) = (First(new PreferenceLoss.Sigmoid()), First(new PreferenceLoss.Mix((new PreferenceLoss.Sigmoid(), 1), (new PreferenceLoss.ChosenTokenMean(), 0.5))));
        Assert.Equal((plain.ChosenReward, plain.RejectedReward, plain.Margin), (mixed.ChosenReward, mixed.RejectedReward, mixed.Margin));
        Assert.True(mixed.Loss > plain.Loss);
    }

    [Theory, InlineData(false, RowLayout.Padded), InlineData(true, RowLayout.Padded), InlineData(false, RowLayout.SharedPrefix), InlineData(true, RowLayout.SharedPrefix)]
    public void Bug14_HeadInChunksOfAnySize_EqualsThePlainHead(bool tied, RowLayout layout)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(tied: tied);
        using var batch = TokenBatch.Of(Tiny.Rows(4));
        (float[] Tokens, Dictionary<string, Tensor> Gradients) Run(int chunk)
        {
            var scores = SequenceLogProbs.Of(model, batch, new() { Chunk = chunk, Layout = layout });
            scores.Backward(SftLoss.Mean(scores.Tokens));
            return (scores.Tokens.data<float>().ToArray(), Tiny.TakeGradients(model));
        }
        var plain = Run(batch.TrainedTokens);
        for (var chunk = 1; chunk < batch.TrainedTokens; chunk++)
        {
            var (tokens, gradients) = Run(chunk);
            Assert.All(plain.Tokens.Zip(tokens), p => Assert.Equal(p.First, p.Second, 1e-5f));
            Assert.All(gradients, g => Assert.True(allclose(g.Value, plain.Gradients[g.Key], 1e-4, 1e-6), g.Key));
        }
    }

    [Fact]
    public void Bug14_HandWrittenHead_EqualsAutograd()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        using var batch = TokenBatch.Of(Tiny.Rows(4));
        var scores = SequenceLogProbs.Of(model, batch);
        scores.Backward(SftLoss.Mean(scores.Tokens));
        var ours = Tiny.TakeGradients(model);
        var logits = model.forward(batch.Ids).view(-1, Tiny.Vocabulary).index_select(0, batch.TrainedAt - 1);
        nn.functional.cross_entropy(logits, batch.Ids.view(-1).index_select(0, batch.TrainedAt)).backward();
        Assert.All(Tiny.TakeGradients(model), g => Assert.True(allclose(g.Value, ours[g.Key], 1e-4, 1e-6), g.Key));
    }

    [Fact]
    public void Bug15_LongPromptAndOneTokenAnswer_HeadSeesOnePosition()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        using var batch = TokenBatch.Of([new TokenizedExample([.. Enumerable.Range(0, 60).Select(i => i % Tiny.Vocabulary)], [3])]);
        Assert.Equal([1L], SequenceLogProbs.Of(model, batch).Statistics.MeanLogits.shape);
    }

    [Fact]
    public void Bug18_ChosenBecomesUnlikely_FloorStopsAndSaysWhy()
    {
        using var model = Tiny.Model();
        using var folder = new TemporaryFolder();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(5e-2), BatchSize = 4, Epochs = 20, ChosenDriftFloor = -0.5, CheckpointEvery = 1 };
        List<PreferenceExample> pairs = [.. Tiny.Pairs(8).Select(p => p with { Rejected = [.. p.Chosen[..^1], (p.Chosen[^1] + 1) % Tiny.Vocabulary] })];
        var stopped = Assert.Throws<TrainingStoppedException>(() => new PreferenceTrainer(model, options).Train(pairs, new() { Folder = folder.Path }));
        Assert.Contains("likelihood is being displaced", stopped.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(stopped.Checkpoint));
    }

    [Fact]
    public void Bug21_WarmUp_FirstRateIsZeroAndNothingMoves()
    {
        using var model = Tiny.Model();
        var before = Tiny.Snapshot(model);
        var points = new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Linear(1e-2, 0.1), BatchSize = 8 }).Train(Tiny.Rows(8)).Points;
        Assert.Equal(0, Assert.Single(points).LearningRate);
        Assert.Equal(before, Tiny.Snapshot(model));
    }

    [Theory, InlineData(-1e4), InlineData(-100), InlineData(0), InlineData(100), InlineData(1e4)]
    public void Bug25_ExtremeLogRatios_LossAndGradientAreFinite(double ratio)
    {
        using var scope = NewDisposeScope();
        var policy = tensor(new[] { (float)ratio, 0 }).requires_grad_();
        var pairs = new PairLogProbs(policy.narrow(0, 0, 1), policy.narrow(0, 1, 1), zeros(1), zeros(1)) { ChosenLengths = ones(1), RejectedLengths = ones(1) };
        var loss = new PreferenceLoss.Sigmoid(1, 0.1).PerPair(pairs).mean();
        loss.backward();
        Assert.True(float.IsFinite(loss.item<float>()));
        Assert.All(policy.grad!.data<float>().ToArray(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void LossThatIsNotFinite_StopsBeforeTheParametersAreTouched()
    {
        using var model = Tiny.Model();
        using (no_grad())
            model.HeadWeight.mul_(float.PositiveInfinity);
        var before = Tiny.Snapshot(model);
        var stopped = Assert.Throws<TrainingStoppedException>(() => new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2) }).Train(Tiny.Rows(8)));
        Assert.Contains("step 1", stopped.Message, StringComparison.Ordinal);
        Assert.Equal(before, Tiny.Snapshot(model));
    }

    [Fact]
    public void Bug10_ReferenceOfAStoppedRun_IsThatOfTheStartAndNotOfThePolicyNow()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 2, CheckpointEvery = 1 };
        using (var first = Tiny.Model())
        {
            var run = new TrainingRun { Folder = folder.Path, CancellationToken = stop.Token, Progress = new EachStep(p => { if (p.Point.Step == 3) stop.Cancel(); }) };
            Assert.Throws<OperationCanceledException>(() => new PreferenceTrainer(first, options).Train(Tiny.Pairs(10), run));
        }
        using var again = Tiny.Model();
        var points = new PreferenceTrainer(again, options).Train(Tiny.Pairs(10), new() { Folder = folder.Path }).Points;
        Assert.NotEqual(0, points[3].ChosenReward);
    }

    [Theory, InlineData(0.0), InlineData(0.5)]
    public void Bug10_LateTokens_CountAlikeInPolicyAndCachedReference(double lateTokens)
    {
        using var model = Tiny.Model();
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 4, LateTokens = lateTokens, WeighByPolicy = true };
        var first = new PreferenceTrainer(model, options).Train(Tiny.Pairs(8)).Points[0];
        Assert.Equal((0, 0, 0), (first.ChosenReward, first.RejectedReward, first.Margin));
    }

    private static void AssertClose(Dictionary<string, float[]> expected, Dictionary<string, float[]> actual) =>
        Assert.All(expected, e => Assert.All(e.Value.Zip(actual[e.Key]), p => Assert.Equal(p.First, p.Second, 2e-4f)));
}
