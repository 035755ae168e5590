using System.Text.Json;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

public sealed class PackingGoldenTests
{
    public static TheoryData<string> Cases => Golden.Cases("packing_prefix");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "packing_prefix")]
    public void PackedRows_Golden_LiesAndScoresAsTheReference(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("packing_prefix", name);
        using var model = TrainingGolden.Trainable(golden);
        foreach (var layout in golden.Json.GetProperty("layouts").EnumerateObject())
        {
            TrainingGolden.AllowOnly(layout.Value, "row_lengths", "segments", "completions", "largest_difference_from_plain");
            var packed = Lay(golden, layout.Name);
            AssertStructure(golden, layout, packed);
            using var inputs = new PackedInputs(model, packed);
            using var pass = new ModelPass(model, inputs, Keeping.Nothing);
            using var head = new HeadPass(model, pass.Hidden, inputs.Targets);
            golden.AssertClose($"out.{layout.Name}.logits", golden.Tensor($"out.{layout.Name}.logits").index_select(0, inputs.Predicting), model.Head(pass.Hidden).detach());
            golden.AssertClose($"out.{layout.Name}.logps", SumsOf(head.LogProbs, golden));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "packing_prefix")]
    public void SequenceLogProbs_GoldenInEveryLayout_GivesThePlainLossAndGradients(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("packing_prefix", name);
        TrainingGolden.AllowOnly(golden.Json, "family", "case", "seed", "made_with", "source", "beta", "loss", "rows", "common_prefix", "layouts", "tokens", "tolerance", "notes");
        using var reference = TrainingGolden.Model(golden, "model_ref");
        using var batch = TokenBatch.Of(Pairs(golden), Golden.Device);
        var objective = new PreferenceLoss.Sigmoid(golden.Json.GetProperty("beta").GetDouble());
        foreach (var options in from layout in Enum.GetValues<RowLayout>() from again in new[] { false, true } where layout != RowLayout.Padded || !again select new ScoringOptions { Layout = layout, Recompute = again })
        {
            using var model = TrainingGolden.Trainable(golden);
            using var fixedOnes = SequenceLogProbs.Of(reference, batch, options with { ForGradient = false });
            using var scores = SequenceLogProbs.Of(model, batch, options);
            var pairs = PairLogProbs.Of(scores.RowSums(), fixedOnes.RowSums().detach(), batch);
            var loss = objective.PerPair(pairs).mean();
            scores.Backward(loss);
            golden.AssertClose("out.token_logps", TrainingGolden.Unpack(scores.Tokens, batch));
            golden.AssertClose("out.logps", scores.RowSums());
            golden.AssertClose("out.ref_logps", fixedOnes.RowSums());
            golden.AssertClose("out.loss", loss);
            golden.AssertClose("loss", golden.Json.GetProperty("loss").GetDouble(), loss.item<float>());
            TrainingGolden.AssertGradients(golden, model);
        }
    }

    private static List<PreferenceExample> Pairs(GoldenCase golden) => [.. golden.Json.GetProperty("rows").EnumerateArray().Select(TrainingGolden.Pair)];

    private static PackedRows Lay(GoldenCase golden, string layout)
    {
        var pairs = Pairs(golden);
        TokenizedExample[] rows = [.. pairs.Select(p => p.ChosenRow), .. pairs.Select(p => p.RejectedRow)];
        int[][] alone = [.. rows.Select((_, i) => new[] { i })], together = [.. pairs.Select((_, i) => new[] { i, i + pairs.Count })];
        return layout switch
        {
            "packed" => PackedRows.Of(rows, alone, 0),
            "pair_shared" => PackedRows.Of(rows, together, 0),
            "batch_shared" => PackedRows.Of(rows, together, golden.Json.GetProperty("common_prefix").GetInt32()),
            _ => throw new NotSupportedException($"layout '{layout}' is not known"),
        };
    }

    private static Tensor SumsOf(Tensor tokens, GoldenCase golden)
    {
        using var batch = TokenBatch.Of(Pairs(golden), Golden.Device);
        return SequenceLogProbs.SumByRow(tokens, batch);
    }

    private static void AssertStructure(GoldenCase golden, JsonProperty layout, PackedRows packed)
    {
        Assert.Equal(golden.Json.GetProperty("tokens").GetProperty(layout.Name).GetInt32(), packed.Ids.Length);
        Assert.Equal(golden.Tensor($"in.{layout.Name}.ids").data<long>().ToArray(), packed.Ids);
        Assert.Equal(golden.Tensor($"in.{layout.Name}.position_ids").data<long>().ToArray(), packed.Positions);
        var (segments, starts) = (new List<Segment>(), new List<int> { 0 });
        foreach (var row in layout.Value.GetProperty("segments").EnumerateArray())
        {
            var (first, at) = (segments.Count, starts[^1]);
            foreach (var segment in row.EnumerateArray())
            {
                var length = segment.GetProperty("length").GetInt32();
                segments.Add(new(at, length, [.. segment.GetProperty("sees").EnumerateArray().Select(s => first + s.GetInt32())]));
                at += length;
            }
            starts.Add(at);
        }
        Assert.Equal(segments.Select(s => (s.Start, s.Length, string.Join(',', s.Ancestors))), packed.Segments.Select(s => (s.Start, s.Length, string.Join(',', s.Ancestors))));
        var completions = layout.Value.GetProperty("completions").EnumerateArray().ToList();
        Assert.Equal(completions.SelectMany(c => TrainingGolden.Ids(c.GetProperty("predicting_positions")).Select(p => (long)p + starts[c.GetProperty("row").GetInt32()])), packed.Predicting);
        Assert.Equal(completions.SelectMany(c => TrainingGolden.Ids(c.GetProperty("tokens")).Select(t => (long)t)), packed.Targets);
    }
}
