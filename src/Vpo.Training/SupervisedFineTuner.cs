using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Supervised fine-tuning (paper section 3.1): the model learns to write the refined prompts.</summary>
/// <param name="model">Changed in place; parameters that require no gradient stay as they are.</param>
/// <param name="options">How to train.</param>
public sealed class SupervisedFineTuner(LlamaModel model, SftOptions options)
{
    /// <summary>Trains, or goes on with a run that was stopped.</summary>
    /// <exception cref="TrainingStoppedException">A guard ended training.</exception>
    /// <exception cref="RunMismatchException">The folder holds another run.</exception>
    /// <exception cref="OperationCanceledException">Between two steps.</exception>
    public TrainingResult Train(IReadOnlyList<TokenizedExample> examples, TrainingRun? run = null)
    {
        run ??= new();
        options.Validate();
        var rows = examples.Select(e => options.MaxLength is { } length ? e.Truncate(length) : e).Where(e => e.TrainedTokens > 0).ToList();
        if (rows.Count == 0)
            throw new ArgumentException("There is nothing to train: no example has a token of a completion.", nameof(examples));
        var plan = new BatchPlan(rows.Count, options);
        using var folder = run.Folder is null ? null : RunFolder.Open(run.Folder, RunFingerprint.Of(options, rows.SelectMany(r => new[] { r.Prompt, r.Completion }), model));
        using var session = new TrainingSession(model.AllParameters, options, plan.TotalSteps, run, folder);
        using var lanes = new Lanes(options.Lanes);
        while (session.Step < plan.TotalSteps)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            Step(session, lanes, [.. plan.At(session.Step).Select(micro => micro.Select(i => rows[i]).ToList())]);
        }
        return new(session.Points, examples.Count - rows.Count);
    }

    /// <summary>The loss is the sum over ALL trained tokens of the step divided by their number, however they are spread over micro-batches.</summary>
    private void Step(TrainingSession session, Lanes lanes, IReadOnlyList<List<TokenizedExample>> microBatches)
    {
        var trained = microBatches.Sum(rows => rows.Sum(r => r.TrainedTokens));
        var (loss, tokens, window) = (0.0, 0L, new MetricsWindow());
        foreach (var rows in microBatches)
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of(rows, model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes));
            loss += session.Accumulate(scores, SftLoss.Sum(scores.Tokens, options.Loss).Times(1.0 / trained));
            window.Add(MicroBatchMetrics.Of(scores.Statistics));
            tokens += batch.Lengths.Sum();
        }
        session.Finish(loss, tokens, window);
    }
}
