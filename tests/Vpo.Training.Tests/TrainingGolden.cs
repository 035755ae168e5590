using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Reads golden cases of training.</summary>
internal static class TrainingGolden
{
    public static LlamaModel Model(GoldenCase golden, string folder = "model")
    {
        var config = LlamaConfig.Open(golden.PathTo(folder + "/config.json"));
        using var checkpoint = CheckpointFolder.Open(golden.PathTo(folder));
        return LlamaModel.Load(config, checkpoint, ScalarType.Float32, device: Golden.Device);
    }

    public static LlamaModel Trainable(GoldenCase golden) => Model(golden).RequireGradients();

    /// <summary>Fails on a key that no test reads: an option nobody heeds must not pass in silence.</summary>
    public static void AllowOnly(JsonElement json, params string[] known)
    {
        foreach (var property in json.EnumerateObject())
            Assert.True(known.Contains(property.Name), $"unknown key '{property.Name}'");
    }

    public static int[] Ids(JsonElement json) => [.. json.EnumerateArray().Select(e => e.GetInt32())];

    public static PreferenceExample Pair(JsonElement row)
    {
        AllowOnly(row, "prompt", "chosen", "rejected");
        return new(Ids(row.GetProperty("prompt")), Ids(row.GetProperty("chosen")), Ids(row.GetProperty("rejected")));
    }

    /// <summary>Per-token values laid out as the reference has them: [rows, T-1], 0 where not trained.</summary>
    public static Tensor Unpack(Tensor tokens, TokenBatch batch)
    {
        var flat = zeros(batch.Ids.numel(), device: tokens.device).index_copy(0, batch.TrainedAt, tokens.detach());
        return flat.view(batch.Ids.shape).narrow(1, 1, batch.Ids.shape[1] - 1);
    }

    /// <summary>Compares every grad.* of the case with the model's.</summary>
    public static void AssertGradients(GoldenCase golden, LlamaModel model)
    {
        var parameters = model.AllParameters.Where(p => p.Value.requires_grad).ToDictionary(p => p.Name, p => p.Value);
        var expected = golden.TensorNames.Where(n => n.StartsWith("grad.", StringComparison.Ordinal)).ToList();
        Assert.Equal(parameters.Count, expected.Count);
        foreach (var name in expected)
            golden.AssertClose(name, parameters[name["grad.".Length..]].grad!);
    }

    public static LearningRateSchedule Schedule(JsonElement options)
    {
        var (peak, warmup) = (options.GetProperty("learning_rate").GetDouble(), options.TryGetProperty("warmup_steps", out var w) ? w.GetDouble() : 0);
        return options.GetProperty("lr_scheduler_type").GetString() switch
        {
            "constant" => new LearningRateSchedule.Constant(peak),
            "constant_with_warmup" => new LearningRateSchedule.ConstantWithWarmup(peak, warmup),
            "linear" => new LearningRateSchedule.Linear(peak, warmup),
            "cosine" => new LearningRateSchedule.Cosine(peak, warmup),
            "cosine_with_restarts" => new LearningRateSchedule.CosineWithRestarts(peak, warmup),
            "polynomial" => new LearningRateSchedule.Polynomial(peak, warmup),
            "inverse_sqrt" => new LearningRateSchedule.InverseSquareRoot(peak, warmup),
            var other => throw new NotSupportedException($"schedule '{other}' is not known"),
        };
    }

    public static readonly string[] TrainerOptions =
    [
        "max_length", "num_train_epochs", "per_device_train_batch_size", "learning_rate", "lr_scheduler_type", "warmup_steps", "max_grad_norm",
        "train_sampling_strategy", "gradient_accumulation_steps", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon",
    ];

    /// <summary>Fills what both kinds of training share.</summary>
    public static T Fill<T>(T options, JsonElement json) where T : TrainingOptions
    {
        Assert.Equal("sequential", json.GetProperty("train_sampling_strategy").GetString());
        double Number(string key, double fallback) => json.TryGetProperty(key, out var value) ? value.GetDouble() : fallback;
        return options with
        {
            Epochs = json.GetProperty("num_train_epochs").GetInt32(),
            BatchSize = json.GetProperty("per_device_train_batch_size").GetInt32(),
            Accumulation = json.TryGetProperty("gradient_accumulation_steps", out var accumulation) ? accumulation.GetInt32() : 1,
            MaxLength = json.TryGetProperty("max_length", out var length) && length.ValueKind == JsonValueKind.Number ? length.GetInt32() : null,
            MaxGradientNorm = Number("max_grad_norm", 1),
            Shuffle = false,
            Optimizer = new AdamWOptions
            {
                Beta1 = Number("adam_beta1", 0.9),
                Beta2 = Number("adam_beta2", 0.999),
                Epsilon = Number("adam_epsilon", 1e-8),
                WeightDecay = Number("weight_decay", 0),
            },
        };
    }

    /// <summary>Rows of the first epoch, in order.</summary>
    public static List<JsonElement> Rows(JsonElement json)
    {
        var all = json.GetProperty("steps").EnumerateArray().SelectMany(s => s.GetProperty("micro_batches").EnumerateArray()).SelectMany(m => m.GetProperty("rows").EnumerateArray()).ToList();
        return all[..(all.Count / json.GetProperty("options").GetProperty("num_train_epochs").GetInt32())];
    }

    /// <summary>Compares every step and the final weights.</summary>
    public static void AssertTrajectory(GoldenCase golden, TrainingResult result, LlamaModel model)
    {
        var steps = golden.Json.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(golden.Json.GetProperty("total_steps").GetInt32(), result.Points.Count);
        Assert.Equal(steps.Count, result.Points.Count);
        foreach (var (point, expected) in result.Points.Zip(steps))
        {
            AllowOnly(expected, "step", "lr", "loss", "grad_norm", "metrics", "micro_batches");
            Assert.Equal(expected.GetProperty("step").GetInt32(), point.Step);
            golden.AssertClose("lr", expected.GetProperty("lr").GetDouble(), point.LearningRate);
            golden.AssertClose("loss", expected.GetProperty("loss").GetDouble(), point.Loss);
            golden.AssertClose("grad_norm", expected.GetProperty("grad_norm").GetDouble(), point.GradientNorm);
            AssertMetrics(golden, "metrics", expected.GetProperty("metrics"), point);
        }
        var parameters = model.AllParameters.Where(p => p.Value.requires_grad).ToDictionary(p => p.Name, p => p.Value);
        foreach (var name in golden.TensorNames.Where(n => n.StartsWith("out.final.", StringComparison.Ordinal)))
            golden.AssertClose(name, parameters[name["out.final.".Length..]]);
        var decaying = golden.Json.GetProperty("decay_parameters").EnumerateArray().Select(e => e.GetString()!).ToHashSet();
        if (model.Config.TiedHead)
            decaying.Remove("lm_head.weight");   // the reference lists both names of the one tensor
        Assert.Equal(decaying, parameters.Keys.Where(TrainedParameters.Decays).ToHashSet());
    }

    public static void AssertMetrics(GoldenCase golden, string tolerance, JsonElement expected, TrainingPoint point)
    {
        var actual = JsonDocument.Parse(JsonSerializer.Serialize(point)).RootElement;
        foreach (var metric in expected.EnumerateObject())
            golden.AssertClose(tolerance, metric.Value.GetDouble(), actual.GetProperty(metric.Name).GetDouble());
    }
}
