using Vpo.Models.Tensors;
using Vpo.Training.Losses;
using static TorchSharp.torch;

namespace Vpo.Training;

public sealed class StepGoldenTests
{
    public static TheoryData<string> SftCases => Golden.Cases("sft_step");

    public static TheoryData<string> DpoCases => Golden.Cases("dpo_step");

    [Theory, MemberData(nameof(SftCases))]
    [Trait("Category", "Golden"), Trait("Family", "sft_step")]
    public void SftLoss_Golden_EqualsTrl(string name) => Sft(name, chunk: null);

    [Theory, MemberData(nameof(SftCases))]
    [Trait("Category", "Golden"), Trait("Family", "sft_step")]
    public void SftLoss_GoldenInChunks_EqualsTrl(string name) => Sft(name, chunk: 3);

    [Theory, MemberData(nameof(DpoCases))]
    [Trait("Category", "Golden"), Trait("Family", "dpo_step")]
    public void PreferenceLoss_Golden_EqualsTrl(string name) => Dpo(name, chunk: null);

    [Theory, MemberData(nameof(DpoCases))]
    [Trait("Category", "Golden"), Trait("Family", "dpo_step")]
    public void PreferenceLoss_GoldenInChunks_EqualsTrl(string name) => Dpo(name, chunk: 5);

    [Theory, MemberData(nameof(SftCases))]
    [Trait("Category", "Golden"), Trait("Family", "sft_step")]
    public void SftLoss_GoldenPacked_EqualsTrl(string name)
    {
        Sft(name, chunk: null, RowLayout.SharedPrefix);
        Sft(name, chunk: 3, RowLayout.SharedPrompt);
    }

    [Theory, MemberData(nameof(DpoCases))]
    [Trait("Category", "Golden"), Trait("Family", "dpo_step")]
    public void PreferenceLoss_GoldenPacked_EqualsTrl(string name)
    {
        Dpo(name, chunk: null, RowLayout.SharedPrefix);
        Dpo(name, chunk: 5, RowLayout.Packed);
    }

    private static void Sft(string name, int? chunk, RowLayout layout = RowLayout.Padded)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("sft_step", name);
        var json = golden.Json;
        TrainingGolden.AllowOnly(json, "family", "case", "seed", "made_with", "source", "options", "rows", "loss", "metrics", "layout", "tolerance", "notes");
        var options = json.GetProperty("options");
        TrainingGolden.AllowOnly(options, "loss_type", "completion_only_loss");
        var kind = options.GetProperty("loss_type").GetString() switch
        {
            "nll" => TokenLoss.NegativeLogLikelihood,
            "dft" => TokenLoss.Dynamic,
            var other => throw new NotSupportedException($"loss '{other}' is not known"),
        };
        var completionOnly = options.GetProperty("completion_only_loss").GetBoolean();
        using var model = TrainingGolden.Trainable(golden);
        using var batch = TokenBatch.Of([.. json.GetProperty("rows").EnumerateArray().Select(row =>
        {
            var (prompt, completion) = (TrainingGolden.Ids(row.GetProperty("prompt")), TrainingGolden.Ids(row.GetProperty("completion")));
            return completionOnly ? new TokenizedExample(prompt, completion) : new([], [.. prompt, .. completion]);
        })], Golden.Device);
        AssertIds(golden, batch);
        var scores = SequenceLogProbs.Of(model, batch, new() { Chunk = chunk, Layout = layout });
        var loss = SftLoss.Mean(scores.Tokens, kind);
        scores.Backward(loss);

        golden.AssertClose("out.token_logps", TrainingGolden.Unpack(scores.Tokens, batch));
        golden.AssertClose("out.logps", scores.RowSums());
        golden.AssertClose("out.entropy", golden.Tensor("out.entropy").mul(TrainingGolden.Unpack(ones_like(scores.Tokens), batch)), TrainingGolden.Unpack(scores.Statistics.Entropy, batch));
        golden.AssertClose("out.loss", loss);
        golden.AssertClose("loss", json.GetProperty("loss").GetDouble(), loss.item<float>());
        TrainingGolden.AssertGradients(golden, model);
        var window = new MetricsWindow();
        window.Add(MicroBatchMetrics.Of(scores.Statistics));
        TrainingGolden.AssertMetrics(golden, "metrics", json.GetProperty("metrics"), window.Fill(Point(batch)));
    }

    private static void Dpo(string name, int? chunk, RowLayout layout = RowLayout.Padded)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("dpo_step", name);
        var json = golden.Json;
        TrainingGolden.AllowOnly(json, "family", "case", "seed", "made_with", "source", "options", "rows", "loss", "metrics", "layout", "tolerance", "notes");
        var objective = LossNames.Trl(json.GetProperty("options"));
        using var model = TrainingGolden.Trainable(golden);
        using var reference = TrainingGolden.Model(golden, "model_ref");
        using var batch = TokenBatch.Of([.. json.GetProperty("rows").EnumerateArray().Select(TrainingGolden.Pair)], Golden.Device);
        AssertIds(golden, batch);
        var fixedOnes = SequenceLogProbs.Of(reference, batch, new() { Chunk = chunk, Layout = layout });
        var scores = SequenceLogProbs.Of(model, batch, new() { Chunk = chunk, Layout = layout });
        var pairs = PairLogProbs.Of(scores.RowSums(), fixedOnes.RowSums().detach(), batch);
        var loss = objective.PerPair(pairs).mean();
        scores.Backward(loss);

        golden.AssertClose("out.policy_token_logps", TrainingGolden.Unpack(scores.Tokens, batch));
        golden.AssertClose("out.ref_token_logps", TrainingGolden.Unpack(fixedOnes.Tokens, batch));
        golden.AssertClose("out.chosen_logps", pairs.PolicyChosen);
        golden.AssertClose("out.rejected_logps", pairs.PolicyRejected);
        golden.AssertClose("out.ref_chosen_logps", pairs.ReferenceChosen);
        golden.AssertClose("out.ref_rejected_logps", pairs.ReferenceRejected);
        golden.AssertClose("out.loss", loss);
        golden.AssertClose("loss", json.GetProperty("loss").GetDouble(), loss.item<float>());
        TrainingGolden.AssertGradients(golden, model);
        var window = new MetricsWindow();
        window.Add(MicroBatchMetrics.Of(scores.Statistics, pairs, batch, objective));
        TrainingGolden.AssertMetrics(golden, "metrics", json.GetProperty("metrics"), window.Fill(Point(batch)));
    }

    private static void AssertIds(GoldenCase golden, TokenBatch batch)
    {
        var real = golden.Tensor("in.attention_mask");
        golden.AssertClose("in.input_ids", golden.Tensor("in.input_ids").mul(real), batch.Ids.mul(real));
    }

    private static TrainingPoint Point(TokenBatch batch) =>
        new() { Step = 1, LearningRate = 0, Loss = 0, GradientNorm = 0, Entropy = 0, TokenAccuracy = 0, Tokens = batch.Lengths.Sum() };
}
