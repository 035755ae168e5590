using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tensors;
using Vpo.Training;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>One optimizer step as the trainers take it, on a model that lives as long as this.</summary>
internal sealed class TrainingSteps : IDisposable
{
    private readonly LlamaModel _model;
    private readonly LoraAdapter? _adapter;
    private readonly ScoringOptions _options;
    private readonly TrainedParameters _parameters;
    private readonly AdamW _optimizer;

    /// <param name="config">The model, with random weights.</param>
    /// <param name="compute">Type of the products.</param>
    /// <param name="options">How to score.</param>
    /// <param name="adapter">Whether a LoRA adapter of rank 8 on all layers is trained instead of the model.</param>
    public TrainingSteps(LlamaConfig config, ScalarType compute, ScoringOptions options, bool adapter = false)
    {
        _model = LlamaModel.Initialize(config, seed: 1, ScalarType.Float32, compute).RequireGradients(!adapter);
        _adapter = adapter ? LoraAdapter.Create(_model, new() { Rank = 8, Alpha = 16 }, seed: 1) : null;
        foreach (var (_, parameter) in _adapter?.Parameters ?? [])
            parameter.requires_grad = true;
        (_options, _parameters) = (options, new(_model.AllParameters));
        _optimizer = new(_parameters);
    }

    /// <summary>DPO against reference log-probabilities that are known already.</summary>
    public double Step(IReadOnlyList<PreferenceExample> pairs)
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of(pairs);
        using var scores = SequenceLogProbs.Of(_model, batch, _options);
        using var reference = full(batch.Rows, -100f);
        return Update(scores, new PreferenceLoss.Sigmoid(0.1).PerPair(PairLogProbs.Of(scores.RowSums(), reference, batch)).mean());
    }

    /// <summary>Supervised fine-tuning.</summary>
    public double Step(IReadOnlyList<TokenizedExample> rows)
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of(rows);
        using var scores = SequenceLogProbs.Of(_model, batch, _options);
        return Update(scores, SftLoss.Mean(scores.Tokens));
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
        _adapter?.Dispose();
        _model.Dispose();
    }

    private double Update(SequenceLogProbs scores, Tensor loss)
    {
        scores.Backward(loss);
        _parameters.Collect();
        _parameters.Clip(1.0);
        _optimizer.Step(1e-6);
        _parameters.ZeroGradients();
        return loss.item<float>();
    }
}
