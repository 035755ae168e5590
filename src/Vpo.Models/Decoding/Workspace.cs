using System.Numerics.Tensors;

namespace Vpo.Models.Decoding;

/// <summary>One token to compute: its sequence and where it stands in it.</summary>
internal readonly record struct TokenRow(int Id, Strand Strand, int Position);

/// <summary>Tokens to add to a sequence.</summary>
/// <param name="Strand">The sequence; grows.</param>
/// <param name="Ids">At least one.</param>
/// <param name="WantsLogits">Whether the logits after the last of them are needed.</param>
internal readonly record struct Feed(Strand Strand, ReadOnlyMemory<int> Ids, bool WantsLogits);

/// <summary>Scratch memory of one pass at a time.</summary>
internal sealed unsafe class Workspace(WeightType type) : IDisposable
{
    private readonly PinnedBuffer<float> _residual = new(), _projected = new(), _delta = new(), _logits = new();
    private int _hidden;

    /// <summary>Inputs as wide as the residual stream, as all query heads, as the inside of the MLP.</summary>
    public Activations Hidden { get; } = new(type);

    public Activations Heads { get; } = new(type);

    public Activations Inner { get; } = new(type);

    /// <summary>The tokens of the pass.</summary>
    public TokenRow[] Rows { get; private set; } = [];

    /// <summary>cos and sin of each row, one after the other.</summary>
    public float[] Angles { get; private set; } = [];

    /// <summary>[rows, q and k and v], then [rows, gate and up].</summary>
    public float* Projected { get; private set; }

    /// <summary>[rows, hidden]: what a sublayer adds.</summary>
    public float* Delta { get; private set; }

    /// <summary>[rows that want them, vocabulary].</summary>
    public float* Logits { get; private set; }

    public void Shape(TokenRow[] rows, float[] angles, int hidden, int widest)
    {
        (Rows, Angles, _hidden) = (rows, angles, hidden);
        _residual.Ensure((long)rows.Length * hidden);
        Delta = _delta.Ensure((long)rows.Length * hidden);
        Projected = _projected.Ensure((long)rows.Length * widest);
    }

    public void ShapeLogits(int rows, int vocabulary) => Logits = _logits.Ensure((long)rows * vocabulary);

    /// <summary>The residual stream of a token.</summary>
    public Span<float> ResidualOf(int row) => new(_residual.At + (nint)row * _hidden, _hidden);

    /// <summary>What the last sublayer adds to it.</summary>
    public Span<float> DeltaOf(int row) => new(Delta + (nint)row * _hidden, _hidden);

    /// <summary>A token's outputs of the last projection of that width.</summary>
    public Span<float> ProjectedOf(int row, int width) => new(Projected + (nint)row * width, width);

    /// <summary>Adds what the last sublayer gave, and puts the norm of the sum in its place.</summary>
    public Span<float> NextInput(int row, float[] weight, double epsilon)
    {
        var residual = ResidualOf(row);
        var delta = DeltaOf(row);
        TensorPrimitives.Add(residual, delta, residual);
        EngineLayer.Normalise(residual, weight, epsilon, delta);
        return delta;
    }

    public void Dispose()
    {
        Hidden.Dispose();
        Heads.Dispose();
        Inner.Dispose();
    }
}
