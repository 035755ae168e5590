using System.Numerics.Tensors;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Vpo.Models.Decoding;

/// <summary>Matrices that read the same input, such as q, k and v: multiplied in one go, outputs side by side, without copying them together.</summary>
internal sealed unsafe class Projection : IDisposable
{
    private const int PartBytes = 512 << 10;

    private readonly WeightMatrix[] _matrices;
    private readonly float[]? _bias;

    /// <param name="weights">[outputs, inputs] each.</param>
    /// <param name="biases">As many, or null.</param>
    /// <param name="type">How to read the weights.</param>
    /// <param name="arena">Gets copies of the weights; null: they are read in place if they can be.</param>
    public Projection(IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor>? biases, WeightType type, WeightArena? arena)
    {
        _matrices = [.. weights.Select(weight => new WeightMatrix(weight, type, arena))];
        Outputs = _matrices.Sum(m => m.Outputs);
        if (biases is not null)
        {
            using var scope = NewDisposeScope();
            _bias = cat([.. biases]).detach().to(ScalarType.Float32).data<float>().ToArray();
        }
    }

    /// <summary>Of all matrices together.</summary>
    public int Outputs { get; }

    /// <summary>Columns.</summary>
    public int Inputs => _matrices[0].Inputs;

    /// <summary>Memory taken beside the model's own.</summary>
    public long CopiedBytes => _matrices.Sum(m => m.CopiedBytes);

    /// <summary>y = x Wᵀ + b.</summary>
    /// <param name="team">Shares the outputs.</param>
    /// <param name="x">Inputs.</param>
    /// <param name="y">[rows of x, outputs].</param>
    public void Multiply(Crew.Team team, Activations x, float* y)
    {
        // Long runs of memory are read faster than short ones, and results of libtorch are best converted while they are near. As many parts as threads, or a
        // multiple, so that none waits for another.
        var bytes = x.Library is null ? Outputs * _matrices[0].RowBytes : (long)Outputs * x.Rows * sizeof(float);
        var rounds = Math.Max(1, (int)(bytes / team.Size / PartBytes));
        var part = Outputs / rounds / team.Size + 1;
        team.For(Outputs, (part + Block.Step - 1) / Block.Step * Block.Step, (first, end) => Multiply(x, first, end, y));
    }

    public void Dispose()
    {
        foreach (var matrix in _matrices)
            matrix.Dispose();
    }

    private void Multiply(Activations x, int first, int end, float* y)
    {
        var start = 0;
        foreach (var matrix in _matrices)
        {
            var (from, to) = (Math.Max(first, start), Math.Min(end, start + matrix.Outputs));
            if (from < to)
                matrix.Multiply(x, from - start, to - from, y + from, Outputs);
            start += matrix.Outputs;
        }
        if (_bias is null)
            return;
        for (var row = 0; row < x.Rows; row++)
        {
            var part = new Span<float>(y + (nint)row * Outputs + first, end - first);
            TensorPrimitives.Add(part, _bias.AsSpan(first, end - first), part);
        }
    }
}
