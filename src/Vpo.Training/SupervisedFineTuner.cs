using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Groups;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Supervised fine-tuning (paper section 3.1): the model learns to write the refined prompts.</summary>
/// <param name="model">Changed in place; parameters that require no gradient stay as they are.</param>
/// <param name="options">How to train.</param>
public sealed class SupervisedFineTuner(LlamaModel model, SftOptions options)
{
    /// <summary>Trains, or goes on with a run that was stopped.</summary>
    /// <param name="examples">What to learn.</param>
    /// <param name="run">Where to write; null writes nothing.</param>
    /// <param name="heldOut">What <see cref="TrainingOptions.Evaluation"/> looks at.</param>
    /// <exception cref="TrainingStoppedException">A guard ended training.</exception>
    /// <exception cref="RunMismatchException">The folder holds another run.</exception>
    /// <exception cref="OperationCanceledException">Between two steps.</exception>
    public TrainingResult Train(IReadOnlyList<TokenizedExample> examples, TrainingRun? run = null, IReadOnlyList<TokenizedExample>? heldOut = null)
    {
        run ??= new();
        options.Validate();
        return run.Group.RunTogether(() => TrainShare(examples, run, heldOut ?? []));
    }

    private TrainingResult TrainShare(IReadOnlyList<TokenizedExample> examples, TrainingRun run, IReadOnlyList<TokenizedExample> heldOut)
    {
        var (rows, held) = (Usable(examples), Usable(heldOut));
        if (rows.Count == 0)
            throw new ArgumentException("There is nothing to train: no example has a token of a completion.", nameof(examples));
        var plan = new BatchPlan(rows.Count, options, run.Group);
        using var folder = run.Folder is null ? null : RunFolder.Open(run.Folder, RunFingerprint.Of(options, rows.Concat(held).SelectMany(r => new[] { r.Prompt, r.Completion }), model), run.Group is null or { Rank: 0 });
        using var session = new TrainingSession(model.AllParameters, options, plan.TotalSteps, run, folder);
        using var lanes = new Lanes(options.Lanes);
        var evaluations = new Evaluations(options.Evaluation, session, run, held.Count == 0 ? null : () => Evaluate(held, lanes));
        evaluations.AfterStep();
        while (session.Step < plan.TotalSteps && !evaluations.IsOver)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var micro = plan.At(session.Step);
            Step(session, lanes, [.. micro.Select(m => plan.ShareOf(m).Select(i => rows[i]).ToList())], micro.Sum(m => m.Sum(i => rows[i].TrainedTokens)));
            evaluations.AfterStep();
        }
        if (evaluations.IsOver)
            session.Plot();
        return new(session.Points, examples.Count - rows.Count) { Evaluations = evaluations.Points, RestoredStep = evaluations.Restore() };
    }

    private List<TokenizedExample> Usable(IReadOnlyList<TokenizedExample> examples) =>
        [.. examples.Select(e => options.MaxLength is { } length ? e.Truncate(length) : e).Where(e => e.TrainedTokens > 0)];

    /// <summary>The loss is the sum over ALL trained tokens of the step divided by their number, however they are spread over micro-batches.</summary>
    private void Step(TrainingSession session, Lanes lanes, IReadOnlyList<List<TokenizedExample>> microBatches, int trained)
    {
        var (loss, tokens, window) = (0.0, 0L, new MetricsWindow());
        for (var micro = 0; micro < microBatches.Count; micro++)
        {
            if (microBatches[micro].Count == 0)
                continue;
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of(microBatches[micro], model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes, session.Step, micro) with { Completed = session.Completed });
            loss += session.Accumulate(scores, SftLoss.Sum(scores.Tokens, options.Loss).Times(1.0 / trained));
            window.Add(MicroBatchMetrics.Of(scores.Statistics), batch.Rows);
            tokens += batch.Lengths.Sum();
        }
        session.Finish(loss, tokens, window);
    }

    /// <summary>The mean over all trained tokens of what was held out.</summary>
    private TrainingPoint Evaluate(List<TokenizedExample> held, Lanes lanes)
    {
        var (loss, trained, window) = (0.0, 0, new MetricsWindow());
        foreach (var rows in held.Chunk(options.BatchSize))
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of(rows, model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes) with { ForGradient = false });
            loss += SftLoss.Sum(scores.Tokens, options.Loss).item<float>();
            trained += batch.TrainedTokens;
            window.Add(MicroBatchMetrics.Of(scores.Statistics));
        }
        return window.Fill(TrainingPoint.Evaluated(loss / trained));
    }
}
