using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>A row of a table for each id.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;

    /// <summary>Takes weight [count, width].</summary>
    public Embedding(Weights weights, long count, long width, Initialization? start = null) : base(nameof(Embedding))
    {
        weight = weights.Take("weight", start ?? Initialization.Normal(), count, width);
        RegisterComponents();
    }

    /// <summary>The table, [count, width].</summary>
    public Parameter Weight => weight;

    /// <param name="ids">int64 of any shape.</param>
    /// <returns>[..ids, width].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var rows = weight.index_select(0, ids.reshape(-1));
        return rows.view([.. ids.shape, weight.shape[1]]).MoveToOuterDisposeScope();
    }
}
