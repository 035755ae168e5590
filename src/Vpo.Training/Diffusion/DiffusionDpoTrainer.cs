using System.Globalization;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Diffusion-DPO (arXiv 2311.12908): trains a video or image generator on pairs of samples. The two samples of a pair share noise and timestep.</summary>
/// <param name="policy">Changed in place.</param>
/// <param name="options">How to train.</param>
/// <remarks>In metrics.jsonl rewards are factor·β times how much smaller than the reference's an error is, and logps are errors with a minus, which a log-likelihood is up to constants.</remarks>
/// <param name="reference">The frozen reference's function; null together with <see cref="AsReference"/> null is refused, since the policy changes.</param>
public sealed class DiffusionDpoTrainer(DenoisingModel policy, DiffusionDpoOptions options, Func<Tensor, Tensor, Tensor, Tensor>? reference = null)
{
    // A policy that has been updated this often and still equals its reference to the last bit is not being trained.
    private const int UpdatesBeforeItMustMove = 3;

    /// <summary>Turns the policy into its own reference until the result is disposed: <c>adapter.Off</c> of a LoRA adapter.</summary>
    public Func<IDisposable>? AsReference { get; init; }

    /// <summary>Trains, or goes on with a run that was stopped: noise and timesteps follow from seed and step alone.</summary>
    /// <param name="pairs">Latents and embeddings.</param>
    /// <param name="run">Folder, progress, cancellation; null: none.</param>
    /// <exception cref="TrainingStoppedException">A guard ended training.</exception>
    /// <exception cref="RunMismatchException">The folder holds another run.</exception>
    /// <exception cref="OperationCanceledException">Between two steps.</exception>
    public TrainingResult Train(DiffusionPairs pairs, TrainingRun? run = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (reference is null == AsReference is null)
            throw new InvalidOperationException("Diffusion-DPO needs one reference: a frozen copy, or an adapter that can be switched off.");
        run ??= new();
        options.Check();
        var plan = new BatchPlan(pairs.Count, options);
        using var folder = run.Folder is null ? null : RunFolder.Open(run.Folder, RunFingerprint.Of(options, pairs.Fingerprint(), policy.Parameters));
        using var session = new TrainingSession(policy.Parameters, options, plan.TotalSteps, run, folder);
        while (session.Step < plan.TotalSteps)
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            Step(session, pairs, plan.At(session.Step));
            if (session.Updates > UpdatesBeforeItMustMove && session.Points.All(p => p.ChosenReward == 0 && p.RejectedReward == 0))
                throw session.Stopped($"After {session.Updates - 1} updates the policy still equals its reference: nothing is being trained. Check that the policy is not its own reference and that its parameters require gradients.");
        }
        return new(session.Points, 0);
    }

    private void Step(TrainingSession session, DiffusionPairs pairs, IReadOnlyList<int[]> microBatches)
    {
        var (loss, samples, window) = (0.0, 0L, new MetricsWindow());
        for (var i = 0; i < microBatches.Count; i++)
        {
            using var scope = NewDisposeScope();
            var errors = Errors(pairs, microBatches[i], (session.Step, i));
            var perPair = options.Loss.PerPair(errors);
            if (options.ChosenErrorWeight > 0)
                perPair = perPair.Plus(errors.PolicyChosen.Times(options.ChosenErrorWeight));
            var mean = perPair.mean().Times(1.0 / microBatches.Count);
            loss += session.Accumulate(mean, mean.backward);
            window.Add(new(0, 0) { Pairs = Measure(errors) });
            samples += 2 * microBatches[i].Length;
        }
        session.Finish(loss, samples, window);
    }

    private DiffusionErrors Errors(DiffusionPairs pairs, int[] rows, (int Step, int Part) at)
    {
        using var scope = NewDisposeScope();
        var device = policy.Device ?? CPU;
        var (clean, text, weights) = pairs.Batch(rows, device);
        var (timesteps, noise) = Draw(rows.Length, clean.shape[1..], at);
        var (steps, shared) = (tensor([.. timesteps, .. timesteps], device: device), cat([noise, noise], 0).to(device));
        var signal = tensor(timesteps.Concat(timesteps).Select(t => (float)policy.Signal[(int)t]).ToArray(), device: device);
        var noisy = Noising.Noisy(clean, shared, signal);
        var target = Noising.Target(policy.Target, clean, shared, signal);
        var theirs = Reference(noisy, steps, text);
        var errors = DiffusionErrors.Of(policy.Predict(noisy, steps, text), theirs, target, weights);
        return new(errors.PolicyChosen.MoveToOuterDisposeScope(), errors.PolicyRejected.MoveToOuterDisposeScope(),
            errors.ReferenceChosen.MoveToOuterDisposeScope(), errors.ReferenceRejected.MoveToOuterDisposeScope());
    }

    private Tensor Reference(Tensor noisy, Tensor steps, Tensor text)
    {
        using var quiet = no_grad();
        using var off = AsReference?.Invoke();
        return (reference ?? policy.Predict)(noisy, steps, text);
    }

    /// <summary>One timestep and one noise a pair.</summary>
    private (long[] Timesteps, Tensor Noise) Draw(int count, long[] shape, (int Step, int Part) at)
    {
        string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
        var seed = ContentId.Seed(options.Seed, "noise of step", Number(at.Step), Number(at.Part));
        var random = new Random(seed);
        using var generator = new Generator((ulong)seed);
        return ([.. Enumerable.Range(0, count).Select(_ => (long)random.Next(policy.Signal.Count))], randn([count, .. shape], generator: generator));
    }

    /// <summary>As rewards: factor·β times how much smaller than the reference's an error is.</summary>
    private PairMetrics Measure(DiffusionErrors errors)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var scale = options.Loss.Factor * options.Loss.Beta;
        double Reward(Tensor reference, Tensor ours) => scale * MicroBatchMetrics.Mean(reference.Minus(ours));
        return new()
        {
            ChosenReward = Reward(errors.ReferenceChosen, errors.PolicyChosen),
            RejectedReward = Reward(errors.ReferenceRejected, errors.PolicyRejected),
            Accuracy = options.Loss.Accuracy(errors),
            Margin = MicroBatchMetrics.Mean(options.Loss.Margins(errors)),
            ChosenLogProb = -MicroBatchMetrics.Mean(errors.PolicyChosen),
            RejectedLogProb = -MicroBatchMetrics.Mean(errors.PolicyRejected),
        };
    }
}
