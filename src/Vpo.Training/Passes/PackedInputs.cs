using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>What all layers of a pass share, as tensors.</summary>
internal sealed class PackedInputs : IDisposable
{
    public PackedInputs(LlamaModel model, PackedRows rows)
    {
        using var scope = NewDisposeScope();
        Tensor Own(long[] values) => tensor(values, device: model.Device).DetachFromDisposeScope();
        (Ids, Predicting, Targets, Segments) = (Own(rows.Ids), Own(rows.Predicting), Own(rows.Targets), rows.Segments);
        var (cos, sin) = model.Rotary.At(tensor(rows.Positions, device: model.Device).unsqueeze(0), model.Compute);
        Tensor Table(Tensor x) => x.view(rows.Ids.Length, -1).to(ScalarType.Float32).contiguous().DetachFromDisposeScope();
        Angles = (Table(cos), Table(sin));
    }

    /// <summary>int64 [T].</summary>
    public Tensor Ids { get; }

    /// <summary>int64 [N]: the positions whose predictions are wanted.</summary>
    public Tensor Predicting { get; }

    /// <summary>int64 [N]: what they should predict.</summary>
    public Tensor Targets { get; }

    /// <summary>cos and sin, float32 [T, D/2].</summary>
    public (Tensor Cos, Tensor Sin) Angles { get; }

    public IReadOnlyList<Segment> Segments { get; }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Ids, Predicting, Targets, Angles.Cos, Angles.Sin])
            tensor.Dispose();
    }
}
