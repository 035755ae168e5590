using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Training on preference pairs (paper section 3.2): direct preference optimization and its relatives.</summary>
/// <param name="model">The policy, changed in place; parameters that require no gradient stay as they are.</param>
/// <param name="options">How to train.</param>
/// <param name="reference">The frozen reference; null takes the policy as it is when training starts, which needs no second model.</param>
public sealed class PreferenceTrainer(LlamaModel model, PreferenceOptions options, LlamaModel? reference = null)
{
    // A policy that has been updated this often and still equals its reference to the last bit is not being trained.
    private const int UpdatesBeforeItMustMove = 3;

    /// <summary>Turns the policy into its own reference until the result is disposed: <c>adapter.Off</c> of a LoRA adapter. Null: the policy as it starts.</summary>
    public Func<IDisposable>? AsReference { get; init; }

    /// <summary>Trains, or goes on with a run that was stopped.</summary>
    /// <exception cref="TrainingStoppedException">A guard ended training.</exception>
    /// <exception cref="RunMismatchException">The folder holds another run.</exception>
    /// <exception cref="OperationCanceledException">Between two steps.</exception>
    public TrainingResult Train(IReadOnlyList<PreferenceExample> examples, TrainingRun? run = null)
    {
        run ??= new();
        options.Validate();
        var pairs = examples.Select(e => options.MaxLength is { } length ? e.Truncate(length) : e)
            .Where(e => e.ChosenRow.TrainedTokens > 0 && e.RejectedRow.TrainedTokens > 0).ToList();
        if (pairs.Count == 0)
            throw new ArgumentException("There is nothing to train: no pair has a token in both completions.", nameof(examples));
        var plan = new BatchPlan(pairs.Count, options);
        using var folder = run.Folder is null ? null : RunFolder.Open(run.Folder, RunFingerprint.Of(options, pairs.SelectMany(p => new[] { p.Prompt, p.Chosen, p.Rejected }), model, reference));
        using var lanes = new Lanes(options.Lanes);
        var fixedOnes = ReferenceLogProbs.OfRun(folder, () =>
        {
            using var view = AsReference?.Invoke();
            return ReferenceLogProbs.Compute(reference ?? model, pairs, plan.FirstEpoch, options.LateTokens, new(options.Scoring(lanes), run.CancellationToken));
        });
        using var session = new TrainingSession(model.AllParameters, options, plan.TotalSteps, run, folder);
        while (session.Step < plan.TotalSteps)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var point = Step(session, lanes, [.. plan.At(session.Step).Select(micro => (micro.Select(i => pairs[i]).ToList(), fixedOnes.Of(micro)))]);
            Guard(session, point);
        }
        return new(session.Points, examples.Count - pairs.Count);
    }

    /// <summary>The loss is the mean over the micro-batches that the step really has of their mean over pairs.</summary>
    private TrainingPoint Step(TrainingSession session, Lanes lanes, IReadOnlyList<(List<PreferenceExample> Pairs, float[] Reference)> microBatches)
    {
        var (loss, tokens, window) = (0.0, 0L, new MetricsWindow());
        foreach (var (pairs, reference) in microBatches)
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of(pairs, model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes));
            var logProbs = PairsOf(scores, reference, batch);
            loss += session.Accumulate(scores, options.Loss.PerPair(logProbs).mean().Times(1.0 / microBatches.Count));
            window.Add(MicroBatchMetrics.Of(scores.Statistics, logProbs, batch, options.Loss));
            tokens += batch.Lengths.Sum();
        }
        return session.Finish(loss, tokens, window);
    }

    private PairLogProbs PairsOf(SequenceLogProbs scores, float[] reference, TokenBatch batch) =>
        PairLogProbs.Of(scores.RowSums(options.LateTokens), tensor(reference, device: model.Device), batch) with
        {
            ChosenLikelihood = scores.RowSums().narrow(0, 0, batch.Rows / 2),
            Weights = options.WeighByPolicy ? SequenceWeights.OfPolicy(scores.Tokens, scores.Statistics, batch) : null,
        };

    private void Guard(TrainingSession session, TrainingPoint point)
    {
        if (point.ChosenDrift < options.ChosenDriftFloor)
            throw session.Stopped($"The chosen completions' log-probability had fallen by {-point.ChosenDrift:g3} nats below the reference in step {point.Step} (floor {options.ChosenDriftFloor:g3}): likelihood is being displaced. Add an NLL term, lower the learning rate, or train for fewer epochs.");
        if (session.Updates > UpdatesBeforeItMustMove && reference is null && session.Points.All(p => p.ChosenReward == 0 && p.RejectedReward == 0))
            throw session.Stopped($"After {session.Updates - 1} updates the policy still equals its reference (loss {point.Loss:g6}): nothing is being trained. Check that the policy is not its own reference and that its parameters require gradients.");
    }
}
