using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>Written-out passes with an adapter against recorded graphs over padded rows.</summary>
public sealed class AdapterPassTests
{
    public static TheoryData<string> Cases => Golden.Cases("lora");

    private static readonly ScoringOptions[] Packed =
        [.. from layout in new[] { RowLayout.Packed, RowLayout.SharedPrompt, RowLayout.SharedPrefix } from again in new[] { false, true } select new ScoringOptions { Layout = layout, Recompute = again }];

    [Theory]
    [InlineData(false, false), InlineData(true, false), InlineData(false, true)]
    public void Backward_AdapterInAnyPackedLayout_EqualsPaddedWithinRounding(bool stabilised, bool decomposed)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model().RequireGradients(false);
        using var adapter = Adapter(model, new() { Rank = 4, Alpha = 8, RankStabilized = stabilised, Decomposed = decomposed });
        AssertAllAlike(model, adapter);
        Assert.All(model.named_parameters(), p => Assert.Null(p.parameter.grad));
    }

    [Fact]
    public void Backward_AdapterOnSomeLayersWithAWholeHead_EqualsPaddedWithinRounding()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model().RequireGradients(false);
        using var adapter = Adapter(model, new() { Rank = 2, Alpha = 4, Targets = ["k_proj", "up_proj"], SavedModules = ["lm_head", "embed_tokens"] });
        AssertAllAlike(model, adapter);
    }

    [Fact]
    public void Backward_TrainedBaseUnderAnAdapter_EqualsPaddedWithinRounding()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        using var adapter = Adapter(model, new() { Rank = 2, Alpha = 4, Decomposed = true });
        AssertAllAlike(model, adapter);
    }

    [Fact]
    public void Of_FactorsOnTheHead_ArePaddedByDefaultAndRefusedByNameInPackedRows()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model().RequireGradients(false);
        using var adapter = Adapter(model, new() { Rank = 2, Alpha = 4, Targets = ["lm_head"] });
        using var batch = TokenBatch.Of(Pairs());
        SequenceLogProbs.Of(model, batch).Dispose();
        var refused = Assert.Throws<ArgumentException>(() => SequenceLogProbs.Of(model, batch, Packed[0]));
        Assert.Contains("factors on the head", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "lora")]
    public void SequenceLogProbs_GoldenPacked_GivesPeftsLossAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("lora", name);
        using var model = TrainingGolden.Model(golden);
        using var adapter = LoraAdapter.Open(model, golden.PathTo("adapter"));
        using var batch = TokenBatch.Of(Rows(golden), Golden.Device);
        foreach (var options in Packed)
        {
            ForgetGradients(adapter);
            using var scores = SequenceLogProbs.Of(model, batch, options);
            var loss = SftLoss.Mean(scores.Tokens);
            scores.Backward(loss);
            golden.AssertClose("out.loss", loss);
            foreach (var (parameter, value) in adapter.Parameters)
                golden.AssertClose("grad." + parameter, value.grad!);
        }
    }

    private static LoraAdapter Adapter(LlamaModel model, LoraConfig config)
    {
        var adapter = LoraAdapter.Create(model, config, seed: 1);
        using var guard = no_grad();
        using var generator = new Generator(3);
        foreach (var (_, parameter) in adapter.Parameters)   // away from the start, where B is 0
            parameter.add_(rand(parameter.shape, generator: generator) * 0.1);
        return adapter;
    }

    private static List<PreferenceExample> Pairs() => [.. Tiny.Pairs(3).Select(p => p with { Prompt = [1, 2, 3, 4, 5, 6, 7, 8, 9, .. p.Prompt] })];

    private static void AssertAllAlike(LlamaModel model, LoraAdapter adapter)
    {
        using var batch = TokenBatch.Of(Pairs());
        var (tokens, gradients) = Pass(model, adapter, batch, new() { Layout = RowLayout.Padded });
        var size = gradients.Values.Max(g => g.abs().max().item<float>());
        foreach (var options in Packed)
        {
            var (others, found) = Pass(model, adapter, batch, options);
            AssertClose("log-probabilities", tokens, others, tokens.abs().max().item<float>());
            foreach (var (parameter, gradient) in gradients)
                AssertClose($"{options.Layout}, recomputed: {options.Recompute}, {parameter}", gradient, found[parameter], size);
        }
    }

    private static (Tensor Tokens, Dictionary<string, Tensor> Gradients) Pass(LlamaModel model, LoraAdapter adapter, TokenBatch batch, ScoringOptions options)
    {
        ForgetGradients(adapter);
        foreach (var (_, parameter) in model.named_parameters())
            parameter.grad?.zero_();
        using var scores = SequenceLogProbs.Of(model, batch, options);
        scores.Backward(new PreferenceLoss.Sigmoid(0.1).PerPair(PairLogProbs.Of(scores.RowSums(), full(batch.Rows, -10f), batch)).mean());
        return (scores.Tokens.detach().clone(), model.AllParameters.Where(p => p.Value.requires_grad).ToDictionary(p => p.Name, p => p.Value.grad!.clone()));
    }

    private static void ForgetGradients(LoraAdapter adapter)
    {
        foreach (var (_, parameter) in adapter.Parameters)
        {
            parameter.requires_grad = true;
            parameter.grad?.zero_();
        }
    }

    private static void AssertClose(string what, Tensor expected, Tensor actual, float size)
    {
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= 1e-5 * size, $"{what}: differs by {difference}, values are up to {size}");
        Assert.True(expected.abs().max().item<float>() > 0, $"{what} is 0");
    }

    private static List<TokenizedExample> Rows(GoldenCase golden)
    {
        var (ids, seen, labels) = (golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"), golden.Tensor("in.labels"));
        return [.. Enumerable.Range(0, (int)ids.shape[0]).Select(row =>
        {
            var (all, visible, wanted) = (ids[row].data<long>().ToArray(), seen[row].data<long>().ToArray(), labels[row].data<long>().ToArray());
            int[] places = [.. Enumerable.Range(0, all.Length).Where(i => visible[i] != 0)];
            int[] Ids(IEnumerable<int> at) => [.. at.Select(i => (int)all[i])];
            var trained = places.SkipWhile(i => wanted[i] == -100).ToArray();
            Assert.All(trained, i => Assert.Equal(all[i], wanted[i]));
            return new TokenizedExample(Ids(places[..^trained.Length]), Ids(trained));
        })];
    }
}
