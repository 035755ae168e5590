using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>A row of a table for each id.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private WholeParameter? _whole;

    /// <summary>Takes weight [count, width].</summary>
    public Embedding(Weights weights, long count, long width, Initialization? start = null) : base(nameof(Embedding))
    {
        weight = weights.Take("weight", start ?? Initialization.Normal(), count, width);
        RegisterComponents();
    }

    /// <summary>The table, [count, width]; the one that an adapter keeps whole, while it is on.</summary>
    public Parameter Weight => _whole is { IsOn: true } whole ? whole.Value : weight;

    /// <summary>The table without any adapter.</summary>
    internal Parameter Base => weight;

    /// <summary>Takes a table in that an adapter keeps whole, or lets it go.</summary>
    internal void Attach(WholeParameter? whole) => _whole = whole;

    /// <param name="ids">int64 of any shape.</param>
    /// <returns>[..ids, width].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var rows = Weight.index_select(0, ids.reshape(-1));
        return rows.view([.. ids.shape, weight.shape[1]]).MoveToOuterDisposeScope();
    }
}
