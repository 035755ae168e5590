using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Vpo.Models.Decoding;

/// <summary>The weights of one decoder layer.</summary>
internal sealed class EngineLayer : IDisposable
{
    /// <param name="parameters">Of the model, by name.</param>
    /// <param name="index">Of the layer.</param>
    /// <param name="type">How to read matrices.</param>
    /// <param name="arena">Gets copies; null: matrices are read in place if they can be.</param>
    public EngineLayer(IReadOnlyDictionary<string, Tensor> parameters, int index, WeightType type, WeightArena? arena)
    {
        Projection Of(string part, params string[] names)
        {
            string Name(string name, string what) => $"model.layers.{index}.{part}.{name}_proj.{what}";
            var biases = names.Select(name => parameters.GetValueOrDefault(Name(name, "bias"))).OfType<Tensor>().ToList();
            return new([.. names.Select(name => parameters[Name(name, "weight")])], biases.Count == names.Length ? biases : null, type, arena);
        }
        Queries = Of("self_attn", "q", "k", "v");
        Output = Of("self_attn", "o");
        Gates = Of("mlp", "gate", "up");
        Down = Of("mlp", "down");
        BeforeAttention = Norm(parameters[$"model.layers.{index}.input_layernorm.weight"]);
        BeforeMlp = Norm(parameters[$"model.layers.{index}.post_attention_layernorm.weight"]);
    }

    /// <summary>q, k and v.</summary>
    public Projection Queries { get; }

    /// <summary>o.</summary>
    public Projection Output { get; }

    /// <summary>gate and up.</summary>
    public Projection Gates { get; }

    /// <summary>down.</summary>
    public Projection Down { get; }

    public float[] BeforeAttention { get; }

    public float[] BeforeMlp { get; }

    /// <summary>Memory taken beside the model's own.</summary>
    public long CopiedBytes => Queries.CopiedBytes + Output.CopiedBytes + Gates.CopiedBytes + Down.CopiedBytes;

    /// <summary>A norm's weight.</summary>
    public static float[] Norm(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return weight.detach().to(ScalarType.Float32).data<float>().ToArray();
    }

    /// <summary>weight · x / √(mean x² + ε).</summary>
    public static void Normalise(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, double epsilon, Span<float> to)
    {
        TensorPrimitives.Multiply(x, 1 / MathF.Sqrt(VectorLanes.SumOfSquares(x) / x.Length + (float)epsilon), to);
        TensorPrimitives.Multiply(to, weight, to);
    }

    public void Dispose()
    {
        foreach (var projection in new[] { Queries, Output, Gates, Down })
            projection.Dispose();
    }
}
