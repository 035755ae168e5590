using Vpo.Models.Llama;

namespace Vpo.Training;

/// <summary>What ends preference training before it does harm; each says what was seen and names the last good checkpoint.</summary>
internal sealed class PreferenceGuards
{
    // A policy that has been updated this often and still equals its reference to the last bit is not being trained.
    private const int UpdatesBeforeItMustMove = 3;

    private readonly PreferenceOptions _options;
    private readonly LlamaModel? _reference;
    private readonly string? _hash;

    public PreferenceGuards(PreferenceOptions options, LlamaModel policy, LlamaModel? reference)
    {
        options.ReferenceSync?.Validate();
        if (options.ReferenceSync is not null && policy.Adapter is not null)
            throw new ArgumentException($"{nameof(PreferenceOptions.ReferenceSync)} needs a policy without adapter: the base model can't follow it.", nameof(options));
        (_options, _reference) = (options, reference);
        if (reference is null)
            return;
        var own = policy.AllParameters.Where(p => p.Value.requires_grad).Select(p => p.Value.Handle).ToHashSet();
        if (reference.AllParameters.FirstOrDefault(p => own.Contains(p.Value.Handle)) is { Value: not null } shared)
            throw new ArgumentException($"The reference shares '{shared.Name}' with the policy, so it would change with it. Pass a copy ({nameof(LlamaModel)}.{nameof(LlamaModel.Copy)}), or no reference: the policy as it starts.", nameof(reference));
        _hash = RunFingerprint.HashOf(reference.AllParameters);
    }

    /// <summary>After a step.</summary>
    /// <exception cref="TrainingStoppedException">Something is wrong.</exception>
    public void Check(TrainingSession session, TrainingPoint point)
    {
        if (point.ChosenDrift < _options.ChosenDriftFloor)
            throw session.Stopped($"The chosen completions' log-probability had fallen by {-point.ChosenDrift:g3} nats below the reference in step {point.Step} (floor {_options.ChosenDriftFloor:g3}): likelihood is being displaced. Add an NLL term, lower the learning rate, or train for fewer epochs.");
        if (session.Updates > UpdatesBeforeItMustMove && _reference is null && _options.ReferenceSync is null && session.Points.All(p => p.ChosenReward == 0 && p.RejectedReward == 0))
            throw session.Stopped($"After {session.Updates - 1} updates the policy still equals its reference (loss {point.Loss:g6}): nothing is being trained. Check that the policy is not its own reference and that its parameters require gradients.");
        if (_options.StuckAfter is { } updates && session.Updates == updates && point.LearningRate > 0 && IsStuck(session.Points, updates))
            throw session.Stopped($"After {updates} updates the loss ({session.Points.TakeLast(updates / 2 + 1).Average(p => p.Loss):g4}) is not below its start ({session.Points[0].Loss:g4}) and the accuracy not above 0.5: pairs may be labelled at random, the learning rate too low, or β too high.");
    }

    /// <summary>After the last step: a frozen reference must be what it was.</summary>
    /// <exception cref="TrainingStoppedException">It is not.</exception>
    public void AtTheEnd(TrainingSession session)
    {
        if (_hash is not null && RunFingerprint.HashOf(_reference!.AllParameters) != _hash)
            throw session.Stopped("The reference's parameters changed during training, so the rewards mean nothing. Something else wrote to them.");
    }

    private static bool IsStuck(IReadOnlyList<TrainingPoint> points, int updates)
    {
        var late = points.TakeLast(updates / 2 + 1).ToList();
        return late.Average(p => p.Loss) >= points[0].Loss - 1e-6 && late.Average(p => p.Accuracy ?? 1) <= 0.5;
    }
}
