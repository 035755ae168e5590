using TorchSharp.Modules;
using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>
/// The model over a packed batch, without recorded graphs: forward keeps what the written-out backward needs, or nothing but each layer's
/// input, which is then computed again.
/// </summary>
internal sealed class ModelPass : IDisposable
{
    private readonly LlamaModel _model;
    private readonly PackedInputs _inputs;
    private readonly LayerPass[] _layers;
    private readonly Tensor?[] _entries;   // inputs of the layers, where they are computed again
    private readonly Tensor _last;

    /// <param name="model">Its parameters collect the gradient, where they require one.</param>
    /// <param name="inputs">What to compute; not owned.</param>
    /// <param name="keeping">What is kept for <see cref="Backward"/>.</param>
    /// <param name="noise">Added to the embeddings, [T, H]; null: nothing.</param>
    public ModelPass(LlamaModel model, PackedInputs inputs, Keeping keeping, Tensor? noise = null)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        (_model, _inputs) = (model, inputs);
        _layers = [.. model.Body.Layers.Select(layer => new LayerPass(layer, model.Config, inputs))];
        _entries = new Tensor?[_layers.Length];
        var x = model.EmbeddingWeight.index_select(0, inputs.Ids).to(model.Compute);
        if (noise is not null)
            x = x.add(noise, Scalars.One).to(model.Compute);
        for (var i = 0; i < _layers.Length; i++)
        {
            var entry = x;
            x = _layers[i].Forward(entry, keeping == Keeping.Everything);
            if (keeping == Keeping.Entries)
                _entries[i] = entry.DetachFromDisposeScope();
            else
                entry.Dispose();
        }
        _last = x.index_select(0, inputs.Predicting).DetachFromDisposeScope();
        Hidden = RmsNormKernel.Forward(_last, model.Body.Norm.Weight, model.Body.Norm.Epsilon).DetachFromDisposeScope();
    }

    /// <summary>[N, H]: final states of the predicting positions, after the last norm.</summary>
    public Tensor Hidden { get; }

    /// <summary>Adds to the parameters' gradients.</summary>
    /// <param name="gradient">[N, H]: for <see cref="Hidden"/>.</param>
    /// <param name="completed">Hears of each layer's parameters when the layer is done with.</param>
    /// <returns>[T, H]: for the embeddings of the tokens.</returns>
    public Tensor Backward(Tensor gradient, Action<IEnumerable<Parameter>>? completed = null)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var norm = _model.Body.Norm;
        var (last, weight) = RmsNormKernel.Backward(gradient, _last, norm.Weight, norm.Epsilon);
        Products.AddGradient(norm.Weight, weight);
        var x = zeros([_inputs.Ids.shape[0], last.shape[1]], dtype: last.dtype, device: last.device).index_add_(0, _inputs.Predicting, last, Scalars.One);
        for (var i = _layers.Length - 1; i >= 0; i--)
        {
            var above = x;
            if (_entries[i] is { } entry)
                _layers[i].Forward(entry, keep: true).Dispose();
            x = _layers[i].Backward(above);
            above.Dispose();
            completed?.Invoke(_model.Body.Layers[i].parameters());
            (_entries[i], var spent) = (null, _entries[i]);
            spent?.Dispose();
        }
        AddToEmbedding(x);
        return x.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var layer in _layers)
            layer.Dispose();
        foreach (var tensor in _entries.Append(_last).Append(Hidden))
            tensor?.Dispose();
    }

    private void AddToEmbedding(Tensor gradient)
    {
        if (_model.EmbeddingWeight.requires_grad)
            Products.AddRows(_model.EmbeddingWeight, _inputs.Ids, gradient);
    }
}

/// <summary>What a pass keeps for its gradient.</summary>
internal enum Keeping
{
    /// <summary>Nothing: there will be no gradient.</summary>
    Nothing,

    /// <summary>The inputs of layers: the rest is computed again, a third more time for far less memory.</summary>
    Entries,

    /// <summary>All that is needed.</summary>
    Everything,
}
