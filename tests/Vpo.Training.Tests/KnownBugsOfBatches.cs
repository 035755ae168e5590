using CsCheck;
using Vpo.Models.Checkpoints;
using Vpo.Models.Generation;
using Vpo.Models.Layers;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>The rest of the bugs of notes/dpo.md section 7: those of layouts, batches, stops and files.</summary>
public sealed class KnownBugsOfBatches
{
    private static readonly Gen<List<PreferenceExample>> AnyPairs = Gen.Select(Gen.Int[0, 39].Array[0, 12], Pair.List[1, 4], (common, pairs) =>
        pairs.Select(p => p with { Prompt = [.. common, .. p.Prompt] }).ToList());

    private static Gen<PreferenceExample> Pair => Gen.Select(Gen.Int[0, 39].Array[1, 4], Gen.Int[0, 39].Array[1, 7], Gen.Int[0, 39].Array[1, 7], (p, c, r) => new PreferenceExample(p, c, r));

    [Fact]
    public void Bug03_SeveralStopIds_AnyOfThemEndsTheAnswer()
    {
        using var model = Tiny.Model();
        GeneratedText Answer(params int[] stops) => new TextGenerator(model).Generate([new([1, 2, 3])], new() { Greedy = true, MaxNewTokens = 8, StopIds = stops })[0];
        var free = Answer().Ids;
        var other = Enumerable.Range(0, Tiny.Vocabulary).First(id => !free.Contains(id));
        Assert.Empty(Answer(other, free[0]).Ids);
        Assert.Equal(FinishReason.StopId, Answer(free[0], other).Reason);
    }

    [Theory]
    [InlineData(RowLayout.Padded, false), InlineData(RowLayout.SharedPrefix, false), InlineData(RowLayout.SharedPrefix, true)]
    public void Bug17_AdapterOnAFrozenModelAlsoRecomputed_TrainingReachesEveryFactor(RowLayout layout, bool recompute)
    {
        using var model = Tiny.Model().RequireGradients(false);
        using var adapter = LoraAdapter.Create(model, new() { Rank = 2, Alpha = 4 }, seed: 1);
        foreach (var (_, parameter) in adapter.Parameters)
            parameter.requires_grad = true;
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 4, Epochs = 2, Layout = layout, Recompute = recompute };
        var before = adapter.Parameters.Select(p => p.Value.detach().clone()).ToList();
        new PreferenceTrainer(model, options).Train(Tiny.Pairs(8));
        Assert.All(before.Zip(adapter.Parameters), p => Assert.False(allclose(p.First, p.Second.Value), p.Second.Name));
    }

    [Fact]
    public void Bug19_VariantsThatProgramsNameAlike_HaveNamesOfTheirOwn()
    {
        using var scope = NewDisposeScope();
        var pairs = new PairLogProbs(tensor(new[] { -120f }), tensor(new[] { -131.25f }), tensor(new[] { -122.5f }), tensor(new[] { -128f })) { ChosenLengths = tensor(new[] { 100f }), RejectedLengths = tensor(new[] { 110f }) };
        Assert.Equal(24.45752066f, new PreferenceLoss.Ipo(0.1).PerPair(pairs).item<float>(), 1e-4f);
        Assert.Equal(0.5625f, new PreferenceLoss.IpoOfSums(0.1).PerPair(pairs).item<float>(), 1e-4f);
        Assert.Equal(0.50391821f, new PreferenceLoss.Sigmoid(0.1, 0.1).PerPair(pairs).item<float>(), 1e-5f);
        Assert.Equal(0.37454321f, new PreferenceLoss.Robust(0.1, 0.1).PerPair(pairs).item<float>(), 1e-5f);
    }

    [Fact]
    public void Bug20_Aot_DependsOnWhoIsInTheBatch()
    {
        using var scope = NewDisposeScope();
        PairLogProbs Of(params float[] chosen) => new(tensor(chosen), zeros(chosen.Length), tensor(chosen.Reverse().ToArray()), zeros(chosen.Length)) { ChosenLengths = ones(chosen.Length), RejectedLengths = ones(chosen.Length) };
        var together = new PreferenceLoss.Aot(0.1).PerPair(Of(3, -2)).mean().item<float>();
        var plain = new PreferenceLoss.Sigmoid(0.1).PerPair(Of(3, -2)).mean().item<float>();
        Assert.Equal(0.693147f, together, 1e-5f);   // sorted, policy and reference are the same
        Assert.NotEqual(plain, together, 1e-3f);
    }

    [Fact]
    public void Bug22And23_AnyPairsInAnyLayout_HavePlainLogProbsAndGradients() => AnyPairs.Sample(pairs =>
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of(pairs);
        var plain = Score(batch, new() { Layout = RowLayout.Padded });
        foreach (var options in from layout in new[] { RowLayout.Packed, RowLayout.SharedPrompt, RowLayout.SharedPrefix } from again in new[] { false, true } select new ScoringOptions { Layout = layout, Recompute = again })
        {
            var (tokens, gradients) = Score(batch, options);
            Assert.True(allclose(plain.Tokens, tokens, 1e-4, 1e-4), $"{options}: {(plain.Tokens - tokens).abs().max().item<float>()}");
            Assert.All(gradients, g => Assert.True(allclose(plain.Gradients[g.Key], g.Value, 1e-3, 1e-5), $"{options}: {g.Key}"));
        }
    }, iter: 12, threads: 1);

    [Fact]
    public void Bug23_OrderOfPairs_ChangesNoPairsLogProb()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        var pairs = Tiny.Pairs(5);
        float[] Sums(List<PreferenceExample> order)
        {
            using var batch = TokenBatch.Of(order);
            using var scores = SequenceLogProbs.Of(model, batch, new() { Layout = RowLayout.SharedPrefix });
            return scores.RowSums().detach().data<float>().ToArray()[..order.Count];
        }
        var reversed = Sums([.. Enumerable.Reverse(pairs)]);
        Assert.All(Sums(pairs).Zip(reversed.Reverse()), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Theory, InlineData(1), InlineData(3)]
    public void Bug22And23_PackedOnLanes_EqualsOneLane(int lanes)
    {
        Dictionary<string, float[]> Train(int count)
        {
            using var model = Tiny.Model();
            new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Constant(1e-2), BatchSize = 5, Layout = RowLayout.SharedPrefix, Lanes = count }).Train(Tiny.Pairs(10));
            return Tiny.Snapshot(model);
        }
        var (one, many) = (Train(1), Train(lanes));
        Assert.All(one, w => Assert.All(w.Value.Zip(many[w.Key]), p => Assert.Equal(p.First, p.Second, 1e-3f)));
    }

    [Theory, InlineData(7, 2, 3), InlineData(10, 3, 2), InlineData(5, 8, 1)]
    public void Bug24_UnevenLastBatch_EveryExampleCountsOnceAnEpoch(int count, int batch, int accumulation)
    {
        var plan = new BatchPlan(count, new SftOptions { Schedule = new LearningRateSchedule.Constant(1), BatchSize = batch, Accumulation = accumulation });
        Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, plan.TotalSteps).SelectMany(s => plan.At(s)).SelectMany(m => m).Order());
    }

    [Fact]
    public void Bug26_EveryTypeAndTheEmptyTensor_ComeBackFromTheFile()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = Path.Combine(folder.Path, "x.safetensors");
        Tensor[] tensors = [randn(3, 2), randn(5).to(bfloat16), randn(4).to(float16), zeros(0, 3)];
        SafetensorsWriter.Write(path, tensors.Select((t, i) => KeyValuePair.Create($"t{i}", t)), new Dictionary<string, string> { ["format"] = "pt" });
        using var file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.All(tensors.Select((t, i) => (t, Read: file.Read($"t{i}"))), p => Assert.True(p.t.dtype == p.Read.dtype && p.t.shape.SequenceEqual(p.Read.shape) && p.t.ne(p.Read).sum().item<long>() == 0));
    }

    private static (Tensor Tokens, Dictionary<string, Tensor> Gradients) Score(TokenBatch batch, ScoringOptions options)
    {
        using var model = Tiny.Model();
        using var scores = SequenceLogProbs.Of(model, batch, options);
        scores.Backward(scores.Tokens.sin().sum());
        return (scores.Tokens.detach().clone(), Tiny.TakeGradients(model));
    }
}
