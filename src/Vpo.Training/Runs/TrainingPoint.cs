using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vpo.Training;

/// <summary>One optimizer step, as a line of metrics.jsonl; the names there are those of TRL. Values that a kind of training does not have are null.</summary>
public sealed record TrainingPoint
{
    /// <summary>From 1.</summary>
    [JsonPropertyName("step")] public required int Step { get; init; }

    /// <summary>The rate that the step used; 0 in the first step of a warm-up.</summary>
    [JsonPropertyName("lr")] public required double LearningRate { get; init; }

    /// <summary>Supervised: mean over all trained tokens of the step. Preferences: mean over micro-batches of the mean over pairs.</summary>
    [JsonPropertyName("loss")] public required double Loss { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    [JsonPropertyName("grad_norm")] public required double GradientNorm { get; init; }

    /// <summary>Mean over trained tokens of the entropy of the prediction, in nats.</summary>
    [JsonPropertyName("entropy")] public required double Entropy { get; init; }

    /// <summary>Share of trained tokens (of preferences: of chosen completions) that were the most likely ones.</summary>
    [JsonPropertyName("mean_token_accuracy")] public required double TokenAccuracy { get; init; }

    /// <summary>Tokens seen since the start, without padding.</summary>
    [JsonPropertyName("num_tokens")] public required long Tokens { get; init; }

    /// <summary>Tokens a second in this step, without padding.</summary>
    [JsonPropertyName("tokens_per_second")] public double TokensPerSecond { get; init; }

    /// <summary>Mean of β times the log-ratio of the chosen completions.</summary>
    [JsonPropertyName("rewards/chosen")] public double? ChosenReward { get; init; }

    /// <summary>Mean of β times the log-ratio of the rejected completions.</summary>
    [JsonPropertyName("rewards/rejected")] public double? RejectedReward { get; init; }

    /// <summary>Share of pairs whose chosen reward is strictly greater.</summary>
    [JsonPropertyName("rewards/accuracies")] public double? Accuracy { get; init; }

    /// <summary>Mean of chosen minus rejected reward.</summary>
    [JsonPropertyName("rewards/margins")] public double? Margin { get; init; }

    /// <summary>Mean summed log-probability of the chosen completions.</summary>
    [JsonPropertyName("logps/chosen")] public double? ChosenLogProb { get; init; }

    /// <summary>Mean summed log-probability of the rejected completions.</summary>
    [JsonPropertyName("logps/rejected")] public double? RejectedLogProb { get; init; }

    /// <summary>Mean logit over the tokens of chosen completions and the vocabulary.</summary>
    [JsonPropertyName("logits/chosen")] public double? ChosenLogit { get; init; }

    /// <summary>Mean logit over the tokens of rejected completions and the vocabulary.</summary>
    [JsonPropertyName("logits/rejected")] public double? RejectedLogit { get; init; }

    /// <summary>Mean change of the chosen completions' log-probability against the reference, in nats; falling means that likelihood is displaced.</summary>
    [JsonPropertyName("chosen_drift")] public double? ChosenDrift { get; init; }

    /// <summary>Of an evaluation, to be filled: what belongs to a step is 0.</summary>
    internal static TrainingPoint Evaluated(double loss) => new() { Step = 0, LearningRate = 0, Loss = loss, GradientNorm = 0, Entropy = 0, TokenAccuracy = 0, Tokens = 0 };

    /// <summary>What the line of metrics.jsonl holds, less the step.</summary>
    internal IEnumerable<KeyValuePair<string, double>> Values => JsonSerializer.SerializeToElement(this, TrainingJson.Default.TrainingPoint).EnumerateObject()
        .Where(v => v.Name != "step").Select(v => KeyValuePair.Create(v.Name, v.Value.GetDouble()));

    internal string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Default.TrainingPoint);

    /// <summary>Null when the line is torn.</summary>
    internal static TrainingPoint? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, TrainingJson.Default.TrainingPoint);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>How far training is.</summary>
/// <param name="Point">The step just done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="TimeLeft">From the steps of this process so far.</param>
public sealed record TrainingProgress(TrainingPoint Point, int TotalSteps, TimeSpan TimeLeft);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TrainingPoint))]
internal sealed partial class TrainingJson : JsonSerializerContext;
