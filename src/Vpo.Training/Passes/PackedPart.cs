using TorchSharp.Modules;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training.Passes;

/// <summary>Packed rows through the model, gradients written out.</summary>
internal sealed class PackedPart : IScoredPart
{
    private readonly PackedInputs _inputs;
    private readonly ModelPass _model;
    private readonly HeadPass _head;
    private readonly Action<IEnumerable<Parameter>>? _completed;
    private readonly Parameter? _untied;   // the head's matrix, where it is not the embedding table

    public PackedPart(LlamaModel model, PackedRows rows, ScoringOptions options)
    {
        var keeping = !options.ForGradient ? Keeping.Nothing : options.Recompute ? Keeping.Entries : Keeping.Everything;
        (_completed, _untied) = (options.Completed, model.Config.TiedHead ? null : model.HeadWeight);
        _inputs = new(model, rows);
        using var noise = options.Noise?.Draw(_inputs, model);
        _model = new(model, _inputs, keeping, noise);
        _head = new(model, _model.Hidden, _inputs.Targets, options.Chunk);
        (LogProbs, Statistics) = (_head.LogProbs.DetachFromDisposeScope(), _head.Statistics);
        Array.ForEach(Statistics.Tensors, tensor => tensor.DetachFromDisposeScope());
    }

    public Tensor LogProbs { get; }

    public TokenStatistics Statistics { get; }

    /// <summary>Whether this way through the model exists for it.</summary>
    public static bool Supports(LlamaModel model) =>
        !model.HasAdaptedHead && !model.Config.AttentionBias && !model.Config.MlpBias && model.Compute is (ScalarType.Float32 or ScalarType.BFloat16);

    public void Backward(Tensor upstream)
    {
        using var gradient = _head.Backward(upstream);
        _head.Dispose();   // the logits, before the layers need memory
        if (_untied is not null)
            _completed?.Invoke([_untied]);
        _model.Backward(gradient, _completed).Dispose();
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[LogProbs, .. Statistics.Tensors])
            tensor.Dispose();
        _head.Dispose();
        _model.Dispose();
        _inputs.Dispose();
    }
}
