using System.Globalization;
using Vpo.Benchmarks.UsualStack;
using Vpo.Models.Llama;
using Vpo.Training;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>Something to measure again and again.</summary>
internal sealed record Workload(Action Run, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}

/// <summary>What is measured, by name, so that a process can start another one for the same: "usual bfloat16 vpo", "ours float32 vpo SharedPrefix recompute", "our-head float32 256".</summary>
internal static class Workloads
{
    public static Workload Of(string[] words)
    {
        var type = words[1] == "bfloat16" ? bfloat16 : float32;
        return words[0] switch
        {
            "usual" => Usual(words[2], type),
            "ours" => Ours(words[2], type, new() { Layout = Enum.Parse<RowLayout>(words[3]), Recompute = words.Contains("recompute") }, words.Contains("adapter"), OptimizerOf(words)),
            "plain-head" => HeadSpeed.Plain(type),
            "our-head" => HeadSpeed.Ours(type, words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : null),
            _ => throw new ArgumentException($"unknown workload '{words[0]}'."),
        };
    }

    public static string NameOf(ScalarType type) => type == bfloat16 ? "bfloat16" : "float32";

    /// <summary>A step of the usual stack.</summary>
    public static Workload Usual(string shape, ScalarType type)
    {
        using var model = LlamaModel.Initialize(LlamaDecoding.SmolLm2, seed: 1);
        var plain = new PlainTraining(model, type);
        var (rows, pairs) = TrainingShapes.Of(shape);
        return new(rows is null ? () => plain.Step(pairs!) : () => plain.Step(rows), plain);
    }

    /// <summary>A step of ours.</summary>
    public static Workload Ours(string shape, ScalarType type, ScoringOptions options, bool adapter = false, OptimizerOptions? optimizer = null)
    {
        var ours = new TrainingSteps(LlamaDecoding.SmolLm2, type, options, adapter, optimizer);
        var (rows, pairs) = TrainingShapes.Of(shape);
        return new(rows is null ? () => ours.Step(pairs!) : () => ours.Step(rows), ours);
    }

    private static OptimizerOptions OptimizerOf(string[] words)
    {
        OptimizerOptions optimizer = words.Contains("8bit") ? new AdamW8bitOptions() : new AdamWOptions();
        return words.Contains("in-backward") ? new InBackwardOptions(optimizer) : optimizer;
    }
}
