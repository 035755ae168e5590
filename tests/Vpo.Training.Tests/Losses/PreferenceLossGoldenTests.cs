using System.Text.Json;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Losses;

public sealed class PreferenceLossGoldenTests
{
    private readonly Dictionary<string, RunningMean> _running = [];

    public static TheoryData<string> Cases => Golden.Cases("preference_losses");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "preference_losses")]
    public void PerPair_Golden_EqualsTheReferencePrograms(string name)
    {
        using var golden = GoldenCase.Open("preference_losses", name);
        var source = golden.Json.GetProperty("source").GetString()!;
        foreach (var row in golden.Json.GetProperty("rows").EnumerateArray())
        {
            using var scope = NewDisposeScope();
            if (golden.Json.TryGetProperty("layout", out _))
                new TokenRow(golden, row, source).Check();
            else if (source.Contains("KTOTrainer", StringComparison.Ordinal))
                CheckKto(golden, row);
            else if (row.GetProperty("name").GetString() == "bco_unpaired")
                CheckBcoUnpaired(golden, row);
            else
                CheckPairs(golden, row, source);
        }
    }

    private void CheckPairs(GoldenCase golden, JsonElement row, string source)
    {
        var options = row.GetProperty("options");
        var x = new ScalarPairs(golden.Json, row, source);
        var loss = LossOf(row, source, x.Pairs);
        var perPair = loss.PerPair(x.ForLoss);
        perPair.mean().backward();
        AssertNumbers(golden, row, "losses", perPair);
        golden.AssertClose("loss", row.GetProperty("loss").GetDouble(), perPair.mean().item<float>());
        var rewards = loss.Rewards(x.Pairs);
        AssertNumbers(golden, row, "chosen_rewards", rewards.Chosen);
        AssertNumbers(golden, row, "rejected_rewards", rewards.Rejected);
        AssertNumbers(golden, row, "grad_policy_chosen_logps", x.PolicyChosen.grad ?? zeros_like(x.PolicyChosen));
        AssertNumbers(golden, row, "grad_policy_rejected_logps", x.PolicyRejected.grad ?? zeros_like(x.PolicyRejected));
        if (row.TryGetProperty("metrics", out var metrics))
            AssertMetrics(golden, metrics, PairMetrics.Of(x.Pairs, loss));
    }

    private PreferenceLoss LossOf(JsonElement row, string source, PairLogProbs pairs)
    {
        var options = row.GetProperty("options");
        if (source.Contains("CPOTrainer", StringComparison.Ordinal))
            return LossNames.Cpo(options);
        if (source.Contains("llamafactory", StringComparison.Ordinal))
            return LossNames.LlamaFactory(options, row.TryGetProperty("bco_running_mean_after_update", out _) ? Shift(row, options, pairs, LossNames.Number(options, "pref_beta", 0.1)) : 0);
        if (source.Contains("0.24", StringComparison.Ordinal))
            return LossNames.Trl024(options, options.GetProperty("loss_type").GetString() == "bco_pair" ? Shift(row, options, pairs, LossNames.Number(options, "beta", 0.1)) : 0);
        return LossNames.Trl(options);
    }

    /// <summary>δ of BCO: rows of one option set share a trainer and see the batches in order; each batch counts 1.</summary>
    private double Shift(JsonElement row, JsonElement options, PairLogProbs pairs, double beta)
    {
        var mean = _running.TryGetValue(options.ToString(), out var known) ? known : _running[options.ToString()] = new();
        using var _ = no_grad();
        var shift = mean.Update(MicroBatchMetrics.Mean(cat([pairs.ChosenRatio(), pairs.RejectedRatio()]).Times(beta)));
        var key = row.TryGetProperty("bco_running_mean_after_update", out var expected) ? expected : row.GetProperty("running_mean_after_update");
        if (key.ValueKind == JsonValueKind.Number)
            Assert.Equal(key.GetDouble(), shift, 1e-6);
        return shift;
    }

    private void CheckBcoUnpaired(GoldenCase golden, JsonElement row)
    {
        var options = row.GetProperty("options");
        TrainingGolden.AllowOnly(options, "loss_type", "beta");
        var beta = LossNames.Number(options, "beta", 0.1);
        var x = new ScalarPairs(golden.Json, row, "trl 0.24");
        var rejected = x.Pairs.RejectedRatio().narrow(0, 1, x.PolicyRejected.shape[0] - 1);
        var ratios = cat([x.Pairs.ChosenRatio(), rejected]);
        bool[] desirable = [.. Enumerable.Range(0, (int)ratios.shape[0]).Select(i => i < x.PolicyChosen.shape[0])];
        var mean = _running.TryGetValue("unpaired", out var known) ? known : _running["unpaired"] = new();
        var shift = mean.Update([.. ratios.detach().Times(beta).data<float>().Select(v => (double)v)]);
        Assert.Equal(row.GetProperty("running_mean_after_update").GetDouble(), shift, 1e-6);
        var losses = KtoLoss.BinaryPerCompletion(ratios, desirable, beta, shift);
        losses.mean().backward();
        AssertNumbers(golden, row, "losses", losses);
        golden.AssertClose("loss", row.GetProperty("loss").GetDouble(), losses.mean().item<float>());
        AssertNumbers(golden, row, "grad_policy_chosen_logps", x.PolicyChosen.grad!);
        AssertNumbers(golden, row, "grad_policy_rejected_logps", x.PolicyRejected.grad!.narrow(0, 1, rejected.shape[0]));
    }

    private static void CheckKto(GoldenCase golden, JsonElement row)
    {
        var options = row.GetProperty("options");
        TrainingGolden.AllowOnly(options, "beta", "desirable_weight", "undesirable_weight", "loss_type");
        var policy = Numbers(row, "policy_logps").requires_grad_();
        var ratios = policy.Minus(Numbers(row, "ref_logps"));
        var type = options.GetProperty("loss_type").GetString();
        var kl = type switch
        {
            "kto" => KtoLoss.Baseline(Numbers(row, "policy_kl_logps").Minus(Numbers(row, "ref_kl_logps"))),
            "apo_zero_unpaired" => 0,
            _ => throw new NotSupportedException($"KTO loss '{type}' is not known"),
        };
        golden.AssertClose("kl", row.GetProperty("kl").GetDouble(), kl);
        bool[] desirable = [.. row.GetProperty("label").EnumerateArray().Select(e => e.GetBoolean())];
        var losses = KtoLoss.PerCompletion(ratios, desirable, kl, new()
        {
            Beta = options.GetProperty("beta").GetDouble(),
            DesirableWeight = options.GetProperty("desirable_weight").GetDouble(),
            UndesirableWeight = options.GetProperty("undesirable_weight").GetDouble(),
        });
        losses.mean().backward();
        AssertNumbers(golden, row, "losses", losses);
        golden.AssertClose("loss", row.GetProperty("loss").GetDouble(), losses.mean().item<float>());
        AssertNumbers(golden, row, "grad_policy_logps", policy.grad!);
    }

    private static void AssertMetrics(GoldenCase golden, JsonElement expected, PairMetrics actual)
    {
        foreach (var metric in expected.EnumerateObject())
        {
            double? value = metric.Name switch
            {
                "rewards/chosen" => actual.ChosenReward,
                "rewards/rejected" => actual.RejectedReward,
                "rewards/accuracies" => actual.Accuracy,
                "rewards/margins" => actual.Margin,
                "logps/chosen" => actual.ChosenLogProb,
                "logps/rejected" => actual.RejectedLogProb,
                "sft_loss" or "odds_ratio_loss" => null,   // LLaMA-Factory of 2024 divides the first by the length twice; the second is (loss − first)/β
                _ => throw new NotSupportedException($"metric '{metric.Name}' is not known"),
            };
            if (value is { } found)
                golden.AssertClose("metrics", metric.Value.GetDouble(), found);
        }
    }

    internal static Tensor Numbers(JsonElement row, string key) => tensor(row.GetProperty(key).EnumerateArray().Select(e => e.GetSingle()).ToArray());

    internal static void AssertNumbers(GoldenCase golden, JsonElement row, string key, Tensor actual)
    {
        if (row.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array)
            golden.AssertClose(key, Numbers(row, key), actual.detach().cpu());
    }

    /// <summary>Given log-probabilities; the policy's are leaves.</summary>
    private sealed class ScalarPairs
    {
        public ScalarPairs(JsonElement json, JsonElement row, string source)
        {
            var batch = row.TryGetProperty("batch", out var key) ? key.ValueKind == JsonValueKind.String ? json.GetProperty("batches").GetProperty(key.GetString()!) : json.GetProperty("batches")[key.GetInt32()] : row;
            var own = row.TryGetProperty("policy_chosen_logps", out _) ? row : batch;
            var averaged = source.Contains("llamafactory", StringComparison.Ordinal) ? LossNames.TakesAverages(row.GetProperty("options")) : source.Contains("CPOTrainer", StringComparison.Ordinal);
            (PolicyChosen, PolicyRejected) = (Numbers(own, "policy_chosen_logps").requires_grad_(), Numbers(own, "policy_rejected_logps").requires_grad_());
            Tensor Reference(string name) => own.TryGetProperty(name, out _) ? Numbers(own, name) : zeros_like(PolicyChosen);
            Pairs = new(PolicyChosen, PolicyRejected, Reference("ref_chosen_logps"), Reference("ref_rejected_logps"))
            {
                ChosenLengths = averaged ? ones_like(PolicyChosen) : Numbers(batch, "chosen_lengths"),
                RejectedLengths = averaged ? ones_like(PolicyChosen) : Numbers(batch, "rejected_lengths"),
            };
            var free = row.GetProperty("options").TryGetProperty("reference_free", out var flag) && flag.GetBoolean();
            ForLoss = free ? Pairs with { ReferenceChosen = zeros_like(PolicyChosen), ReferenceRejected = zeros_like(PolicyChosen) } : Pairs;
        }

        public Tensor PolicyChosen { get; }
        public Tensor PolicyRejected { get; }
        public PairLogProbs Pairs { get; }
        public PairLogProbs ForLoss { get; }
    }
}
