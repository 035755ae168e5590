using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Groups;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Training on preference pairs (paper section 3.2): direct preference optimization and its relatives.</summary>
/// <param name="model">The policy, changed in place; parameters that require no gradient stay as they are.</param>
/// <param name="options">How to train.</param>
/// <param name="reference">The frozen reference; null takes the policy as it is when training starts, which needs no second model.</param>
public sealed class PreferenceTrainer(LlamaModel model, PreferenceOptions options, LlamaModel? reference = null)
{
    /// <summary>Turns the policy into its own reference until the result is disposed: <c>adapter.Off</c> of a LoRA adapter. Null: the policy as it starts.</summary>
    public Func<IDisposable>? AsReference { get; init; }

    /// <summary>Trains, or goes on with a run that was stopped.</summary>
    /// <param name="examples">What to learn.</param>
    /// <param name="run">Where to write; null writes nothing.</param>
    /// <param name="heldOut">What <see cref="TrainingOptions.Evaluation"/> looks at.</param>
    /// <exception cref="TrainingStoppedException">A guard ended training.</exception>
    /// <exception cref="RunMismatchException">The folder holds another run.</exception>
    /// <exception cref="OperationCanceledException">Between two steps.</exception>
    public TrainingResult Train(IReadOnlyList<PreferenceExample> examples, TrainingRun? run = null, IReadOnlyList<PreferenceExample>? heldOut = null)
    {
        run ??= new();
        options.Validate();
        if (run.Group is { Size: > 1 } && !options.Loss.IsPerPair)
            throw new ArgumentException($"{options.Loss} compares pairs across the batch, so parts of a batch can't be computed by processes of their own.", nameof(run));
        return run.Group.RunTogether(() => TrainShare(examples, run, heldOut ?? []));
    }

    private TrainingResult TrainShare(IReadOnlyList<PreferenceExample> examples, TrainingRun run, IReadOnlyList<PreferenceExample> heldOut)
    {
        var guards = new PreferenceGuards(options, model, reference);
        var (pairs, held) = (Usable(examples), Usable(heldOut));
        if (pairs.Count == 0)
            throw new ArgumentException("There is nothing to train: no pair has a token in both completions.", nameof(examples));
        var plan = new BatchPlan(pairs.Count, options, run.Group);
        using var folder = run.Folder is null ? null : RunFolder.Open(run.Folder, RunFingerprint.Of(options, pairs.Concat(held).SelectMany(p => new[] { p.Prompt, p.Chosen, p.Rejected }), model, reference), run.Group is null or { Rank: 0 });
        using var lanes = new Lanes(options.Lanes);
        using var moving = options.ReferenceSync is { } sync ? new MovingReference(model, sync, reference) : null;
        var (trained, evaluated) = moving is not null ? (null, null)
            : (Fixed(folder, "reference", pairs, plan.FirstEpoch, lanes, run), Fixed(folder, "reference-held-out", held, InOrder(held.Count), lanes, run));
        using var session = new TrainingSession(model.AllParameters, options, plan.TotalSteps, run, folder, moving?.State);
        var evaluations = new Evaluations(options.Evaluation, session, run, held.Count == 0 ? null : () => Evaluate(new(held, evaluated, moving), lanes));
        evaluations.AfterStep();
        while (session.Step < plan.TotalSteps && !evaluations.IsOver)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var point = Step(session, lanes, new(pairs, trained, moving), [.. plan.At(session.Step).Select(micro => (plan.ShareOf(micro), micro.Length))]);
            guards.Check(session, point);
            moving?.After(session.Step);
            evaluations.AfterStep();
        }
        if (evaluations.IsOver)
            session.Plot();
        guards.AtTheEnd(session);
        return new(session.Points, examples.Count - pairs.Count) { Evaluations = evaluations.Points, RestoredStep = evaluations.Restore() };
    }

    private List<PreferenceExample> Usable(IReadOnlyList<PreferenceExample> examples) =>
        [.. examples.Select(e => options.MaxLength is { } length ? e.Truncate(length) : e).Where(e => e.ChosenRow.TrainedTokens > 0 && e.RejectedRow.TrainedTokens > 0)];

    private IEnumerable<int[]> InOrder(int count) => Enumerable.Range(0, count).Chunk(options.BatchSize);

    private ReferenceLogProbs Fixed(RunFolder? folder, string name, List<PreferenceExample> pairs, IEnumerable<int[]> batches, Lanes lanes, TrainingRun run) =>
        ReferenceLogProbs.OfRun(pairs.Count == 0 ? null : folder, name, () =>
        {
            using var view = AsReference?.Invoke();
            return ReferenceLogProbs.Compute(reference ?? model, pairs, batches, options.LateTokens, new(options.Scoring(lanes), run.CancellationToken));
        });

    /// <summary>The loss is the mean over the micro-batches that the step really has of their mean over pairs.</summary>
    private TrainingPoint Step(TrainingSession session, Lanes lanes, PairSet set, IReadOnlyList<(int[] Share, int Pairs)> microBatches)
    {
        var (loss, tokens, window) = (0.0, 0L, new MetricsWindow());
        for (var micro = 0; micro < microBatches.Count; micro++)
        {
            var (share, together) = microBatches[micro];
            if (share.Length == 0)
                continue;
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of([.. share.Select(i => set.Pairs[i])], model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes, session.Step, micro) with { Completed = session.Completed });
            var logProbs = PairsOf(scores, ReferenceOf(set, share, batch, lanes), batch);
            loss += session.Accumulate(scores, options.Loss.PerPair(logProbs).mean().Times((double)share.Length / together / microBatches.Count));
            window.Add(MicroBatchMetrics.Of(scores.Statistics, logProbs, batch, options.Loss), share.Length);
            tokens += batch.Lengths.Sum();
        }
        return session.Finish(loss, tokens, window);
    }

    /// <summary>The loss is the mean over the pairs, the other values are plain means over the batches (as TRL has them).</summary>
    private TrainingPoint Evaluate(PairSet set, Lanes lanes)
    {
        var (loss, window) = (0.0, new MetricsWindow());
        foreach (var micro in InOrder(set.Pairs.Count))
        {
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of([.. micro.Select(i => set.Pairs[i])], model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, options.Scoring(lanes) with { ForGradient = false });
            var logProbs = PairsOf(scores, ReferenceOf(set, micro, batch, lanes), batch);
            loss += options.Loss.PerPair(logProbs).mean().item<float>() * micro.Length;
            window.Add(MicroBatchMetrics.Of(scores.Statistics, logProbs, batch, options.Loss));
        }
        return window.Fill(TrainingPoint.Evaluated(loss / set.Pairs.Count));
    }

    private float[] ReferenceOf(PairSet set, int[] micro, TokenBatch batch, Lanes lanes) =>
        set.Moving?.Of(batch, options.Scoring(lanes), options.LateTokens) ?? set.Fixed!.Of(micro);

    private PairLogProbs PairsOf(SequenceLogProbs scores, float[] reference, TokenBatch batch) =>
        PairLogProbs.Of(scores.RowSums(options.LateTokens), tensor(reference, device: model.Device), batch) with
        {
            ChosenLikelihood = scores.RowSums().narrow(0, 0, batch.Rows / 2),
            Weights = options.WeighByPolicy ? SequenceWeights.OfPolicy(scores.Tokens, scores.Statistics, batch) : null,
        };

    /// <summary>Pairs and where the reference's log-probabilities come from.</summary>
    private sealed record PairSet(IReadOnlyList<PreferenceExample> Pairs, ReferenceLogProbs? Fixed, MovingReference? Moving);
}
