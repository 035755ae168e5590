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
    private const double Rate = 1e-6;

    private readonly LlamaModel _model;
    private readonly LoraAdapter? _adapter;
    private readonly ScoringOptions _options;
    private readonly TrainedParameters _parameters;
    private readonly IOptimizer _optimizer;
    private readonly BackwardUpdates? _updates;

    /// <param name="config">The model, with random weights.</param>
    /// <param name="compute">Type of the products.</param>
    /// <param name="options">How to score.</param>
    /// <param name="adapter">Whether a LoRA adapter of rank 8 on all layers is trained instead of the model.</param>
    /// <param name="optimizer">Null: AdamW.</param>
    public TrainingSteps(LlamaConfig config, ScalarType compute, ScoringOptions options, bool adapter = false, OptimizerOptions? optimizer = null)
    {
        _model = LlamaModel.Initialize(config, seed: 1, ScalarType.Float32, compute).RequireGradients(!adapter);
        _adapter = adapter ? LoraAdapter.Create(_model, new() { Rank = 8, Alpha = 16 }, seed: 1) : null;
        foreach (var (_, parameter) in _adapter?.Parameters ?? [])
            parameter.requires_grad = true;
        _parameters = new(_model.AllParameters, keepGradients: optimizer is not InBackwardOptions);
        _optimizer = (optimizer ?? new AdamWOptions()).Create(_parameters);
        _updates = optimizer is InBackwardOptions ? new(_parameters, _optimizer) : null;
        _options = _updates is null ? options : options with { Completed = _updates.Complete };
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
        if (_updates is not null)
        {
            _updates.Begin(Rate);
            scores.Backward(loss);
            _updates.End();
            return loss.item<float>();
        }
        scores.Backward(loss);
        _parameters.Collect();
        _parameters.Clip(1.0);
        _optimizer.Step(Rate);
        _parameters.ZeroGradients();
        return loss.item<float>();
    }
}
