using System.Text.Json;

namespace Vpo.Training.HandOver;

/// <summary>The curve that another trainer left behind.</summary>
public static class TrainerState
{
    /// <summary>Reads trainer_state.json of transformers, TRL or LLaMA-Factory; the model beside it opens with LlamaCheckpoint.</summary>
    /// <param name="path">The file, or the folder that holds it.</param>
    /// <returns>One point a logged training step; evaluations and the summary at the end are left out.</returns>
    /// <exception cref="InvalidDataException">The file is not what it should be.</exception>
    public static IReadOnlyList<TrainingPoint> Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "trainer_state.json") : path;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return [.. document.RootElement.GetProperty("log_history").EnumerateArray().Where(entry => entry.TryGetProperty("loss", out _)).Select(PointOf)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{file}' is no trainer_state.json: expected an object with log_history, an array of logged steps ({e.Message}).", e);
        }
    }

    private static TrainingPoint PointOf(JsonElement entry)
    {
        double? Number(string key) => entry.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        return new()
        {
            Step = entry.GetProperty("step").GetInt32(),
            Loss = Number("loss") ?? double.NaN,
            LearningRate = Number("learning_rate") ?? 0,
            GradientNorm = Number("grad_norm") ?? 0,
            Entropy = Number("entropy") ?? 0,
            TokenAccuracy = Number("mean_token_accuracy") ?? 0,
            Tokens = (long)(Number("num_tokens") ?? 0),
            ChosenReward = Number("rewards/chosen"),
            RejectedReward = Number("rewards/rejected"),
            Accuracy = Number("rewards/accuracies"),
            Margin = Number("rewards/margins"),
            ChosenLogProb = Number("logps/chosen"),
            RejectedLogProb = Number("logps/rejected"),
            ChosenLogit = Number("logits/chosen"),
            RejectedLogit = Number("logits/rejected"),
        };
    }
}
