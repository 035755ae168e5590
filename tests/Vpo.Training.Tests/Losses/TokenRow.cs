using System.Text.Json;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Losses;

/// <summary>A golden row that starts from logits: log-probabilities, weights, loss, metrics and the gradient of the logits.</summary>
internal sealed class TokenRow
{
    private readonly GoldenCase _golden;
    private readonly JsonElement _row, _options;
    private readonly string _source, _name;
    private readonly TokenBatch _batch;
    private readonly Tensor _logits;
    private readonly HeadChunk _chunk;
    private readonly Tensor _tokens;
    private readonly TokenStatistics _statistics;

    public TokenRow(GoldenCase golden, JsonElement row, string source)
    {
        (_golden, _row, _options, _source, _name) = (golden, row, row.GetProperty("options"), source, row.GetProperty("name").GetString()!);
        _batch = BatchOf(full: false);
        _logits = golden.Tensor("in.policy_logits").clone().requires_grad_();
        _chunk = ChunkOf(_logits, _batch);
        _statistics = TokenStatistics.Of(_chunk.Logits, _chunk.Targets);
        _tokens = _chunk.LogProbs.detach().requires_grad_();
    }

    private bool IsLlamaFactory => _source.Contains("llamafactory", StringComparison.Ordinal);

    private bool IsCpo => _source.Contains("CPOTrainer", StringComparison.Ordinal);

    public void Check()
    {
        using var batch = _batch;
        var averaged = (IsLlamaFactory && LossNames.TakesAverages(_options)) || (IsCpo && (!_options.TryGetProperty("loss_type", out var t) || t.GetString() == "simpo"));
        var pairs = Pairs(averaged);
        var loss = IsCpo ? LossNames.Cpo(_options) : IsLlamaFactory ? LossNames.LlamaFactory(_options, BcoShift(pairs)) : LossNames.Trl(_options);
        var perPair = loss.PerPair(pairs);
        var total = perPair.mean();
        var (likelihood, extra) = CpoLikelihood();
        if (likelihood is not null)
            total = total.Plus(likelihood);
        total.backward();
        if (_tokens.grad is { } upstream)
            _chunk.Backward(upstream);
        extra?.Chunk.Backward(extra.Value.Tokens.grad!);

        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "losses", perPair);
        _golden.AssertClose("loss", _row.GetProperty("loss").GetDouble(), total.item<float>());
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "chosen_logps", pairs.PolicyChosen);
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "rejected_logps", pairs.PolicyRejected);
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "ref_chosen_logps", pairs.ReferenceChosen);
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "ref_rejected_logps", pairs.ReferenceRejected);
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "chosen_rewards", loss.Rewards(pairs).Chosen);
        PreferenceLossGoldenTests.AssertNumbers(_golden, _row, "rejected_rewards", loss.Rewards(pairs).Rejected);
        _golden.AssertClose($"grad.{_name}.policy_logits", _logits.grad!);
        CheckMetrics(MicroBatchMetrics.Of(_statistics, pairs, _batch, loss), likelihood);
    }

    private PairLogProbs Pairs(bool averaged)
    {
        double? alpha = _options.TryGetProperty("ld_alpha", out var ld) && ld.ValueKind == JsonValueKind.Number ? ld.GetDouble() : null;
        var reference = _golden.Has("in.ref_logits") ? ChunkOf(_golden.Tensor("in.ref_logits"), _batch).LogProbs : zeros_like(_tokens).detach();
        Tensor Sums(Tensor tokens, bool weighted) => SequenceLogProbs.SumByRow(alpha is { } a && weighted ? tokens.mul(SequenceWeights.LengthDesensitized(_batch, a, tokens.device)) : tokens, _batch);
        var pairs = PairLogProbs.Of(Sums(_tokens, true), Sums(reference, !IsLlamaFactory), _batch);
        var full = PairLogProbs.Of(Sums(_tokens, false), Sums(reference, false), _batch);
        pairs = pairs with { ChosenLikelihood = full.PolicyChosen };
        if (_options.TryGetProperty("use_weighting", out var weighting) && weighting.GetBoolean())
            pairs = pairs with { Weights = SequenceWeights.OfPolicy(_tokens, _statistics, _batch) };
        if (!averaged)
            return pairs;
        var (w, l) = (pairs.ChosenLengths, pairs.RejectedLengths);
        return new(pairs.PolicyChosen.div(w), pairs.PolicyRejected.div(l), pairs.ReferenceChosen.div(w), pairs.ReferenceRejected.div(l))
        {
            ChosenLengths = ones_like(w),
            RejectedLengths = ones_like(l),
            ChosenLikelihood = full.PolicyChosen.div(w),
        };
    }

    private double BcoShift(PairLogProbs pairs)
    {
        if (LossNames.Number(_options, "pref_bco_weight", 0) == 0)
            return 0;
        var ratios = cat([pairs.PolicyChosen.Minus(pairs.ReferenceChosen), pairs.PolicyRejected.Minus(pairs.ReferenceRejected)]);
        return new RunningMean().Update(MicroBatchMetrics.Mean(ratios) * LossNames.Number(_options, "pref_beta", 0.1));
    }

    /// <summary>The NLL of CPO is over the completion, that of ORPO over prompt and completion of the chosen rows.</summary>
    private (Tensor? Loss, (HeadChunk Chunk, Tensor Tokens)? Extra) CpoLikelihood()
    {
        if (!IsCpo)
            return (null, null);
        if (_options.TryGetProperty("loss_type", out _))
        {
            var chosen = _batch.TrainedPerRow.Take(_batch.Rows / 2).Sum();
            return (SftLoss.Mean(_tokens.narrow(0, 0, chosen)).Times(LossNames.Number(_options, "cpo_alpha", 1)), null);
        }
        using var full = BatchOf(full: true);
        var chunk = ChunkOf(_logits, full);
        var tokens = chunk.LogProbs.detach().requires_grad_();
        return (SftLoss.Mean(tokens.narrow(0, 0, full.TrainedPerRow.Take(full.Rows / 2).Sum())), (chunk, tokens));
    }

    private void CheckMetrics(MicroBatchMetrics actual, Tensor? likelihood)
    {
        var pairs = actual.Pairs!;
        foreach (var metric in _row.GetProperty("metrics").EnumerateObject())
        {
            double? value = metric.Name switch
            {
                "rewards/chosen" => pairs.ChosenReward,
                "rewards/rejected" => pairs.RejectedReward,
                "rewards/accuracies" => pairs.Accuracy,
                "rewards/margins" => pairs.Margin,
                "logps/chosen" => pairs.ChosenLogProb,
                "logps/rejected" => pairs.RejectedLogProb,
                "logits/chosen" when !IsLlamaFactory && !IsCpo => pairs.ChosenLogit,
                "logits/rejected" when !IsLlamaFactory && !IsCpo => pairs.RejectedLogit,
                "logits/chosen" or "logits/rejected" => null,   // over the whole padded tensor there: says nothing, and is not kept here
                "entropy" => actual.Entropy,
                "mean_token_accuracy" => actual.TokenAccuracy,
                "num_tokens" => _batch.Lengths.Sum(),
                "nll_loss" => LossNames.Number(_options, "cpo_alpha", 1) == 0 ? 0 : likelihood!.item<float>() / LossNames.Number(_options, "cpo_alpha", 1),
                "sft_loss" or "odds_ratio_loss" => null,   // LLaMA-Factory of 2024 divides the first by the length twice; the second is (loss − first)/β
                "log_odds_ratio" or "log_odds_chosen" => null,   // intermediate values of the loss that was compared
                _ => throw new NotSupportedException($"metric '{metric.Name}' is not known"),
            };
            if (value is { } found)
                _golden.AssertClose("metrics", metric.Value.GetDouble(), found);
        }
    }

    private static HeadChunk ChunkOf(Tensor logits, TokenBatch batch)
    {
        var at = batch.TrainedAt;
        return HeadChunk.Of(logits.view(-1, logits.shape[2]).index_select(0, at - 1), batch.Ids.view(-1).index_select(0, at).unsqueeze(1));
    }

    /// <summary>The rows of the case, as wide as its tensors.</summary>
    private TokenBatch BatchOf(bool full)
    {
        var ids = _golden.Tensor("in.input_ids");
        var (width, flat, real) = ((int)ids.shape[1], ids.data<long>().ToArray(), _golden.Tensor("in.attention_mask").data<long>().ToArray());
        var trained = _golden.Has("in.completion_mask")
            ? _golden.Tensor("in.completion_mask").data<long>().Select(m => m != 0).ToArray()
            : _golden.Tensor("in.labels").data<long>().Select(l => l != -100).ToArray();
        var rows = Enumerable.Range(0, (int)ids.shape[0]).Select(row =>
        {
            var own = Enumerable.Range(row * width, width).Where(i => real[i] != 0).ToArray();
            int[] Of(bool completion) => [.. own.Where(i => trained[i] == completion).Select(i => (int)flat[i])];
            return full ? new TokenizedExample([], [.. Of(false), .. Of(true)]) : new TokenizedExample(Of(false), Of(true));
        }).ToList();
        return TokenBatch.Of(rows, Golden.Device, width);
    }
}
