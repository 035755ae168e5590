using Vpo.Models.Tensors;
using Vpo.Training.Optimizers;

namespace Vpo.Training;

/// <summary>What supervised and preference training have in common. The defaults are those of transformers' Trainer where it has one.</summary>
public abstract record TrainingOptions
{
    /// <summary>The learning rate over time.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Examples (or pairs) of one forward pass.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Forward passes of one optimizer step. The last step of an epoch may have fewer: accumulation does not cross epochs.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>The optimizer; AdamW without weight decay by default. For large models: <see cref="AdamW8bitOptions"/>, and <see cref="InBackwardOptions"/> around any of them.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamWOptions();

    /// <summary>Greatest norm of the gradient; null does not clip.</summary>
    public double? MaxGradientNorm { get; init; } = 1.0;

    /// <summary>Most tokens of a row, shared between prompt and completion by <see cref="Truncation"/>; null cuts nothing.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Whether each epoch has its own order, drawn from <see cref="Seed"/>; false takes the examples as they come.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>The order of examples.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Parts of a batch that are computed side by side, each on a thread of its own whose products use one thread. More than 1 pays for
    /// small models on a machine with cores to spare; results differ in rounding only.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>How the rows of a batch are laid out: prompts that rows have in common are computed once where the model allows it.</summary>
    public RowLayout Layout { get; init; }

    /// <summary>Computes each layer again for its gradient instead of keeping its inside: less memory, about a third more time. Packed layouts only.</summary>
    public bool Recompute { get; init; }

    /// <summary>NEFTune (arXiv 2310.05914): embeddings get noise, uniform within ±α/√(tokens of the row · width), in training only. 0: none.
    /// Rows are then packed without sharing, since each has noise of its own.</summary>
    public double EmbeddingNoise { get; init; }

    /// <summary>Looking at held-out examples during training; null: not.</summary>
    public EvaluationOptions? Evaluation { get; init; }

    /// <summary>Steps between checkpoints; 0 saves none.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Checkpoints that are kept, newest first; at least 1.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    internal ScoringOptions Scoring(Lanes lanes) => new() { Layout = Layout, Recompute = Recompute, Lanes = lanes };

    /// <summary>The same for training, with the noise of a micro-batch.</summary>
    internal ScoringOptions Scoring(Lanes lanes, int step, int microBatch) => EmbeddingNoise == 0 ? Scoring(lanes)
        : Scoring(lanes) with { Layout = RowLayout.Packed, Noise = new(EmbeddingNoise, unchecked((ulong)Seed * 1_000_003 + (ulong)step * 8191 + (ulong)microBatch)) };

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Accumulation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lanes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CheckpointEvery);
        ArgumentOutOfRangeException.ThrowIfLessThan(KeepCheckpoints, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(EmbeddingNoise);
        Evaluation?.Validate();
        if (Optimizer is InBackwardOptions)
            InBackwardOptions.Validate(this);
        if (MaxLength is { } length)
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 2, nameof(MaxLength));
        if (MaxGradientNorm is { } norm)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(norm, nameof(MaxGradientNorm));
    }
}

/// <summary>Supervised fine-tuning.</summary>
public sealed record SftOptions : TrainingOptions
{
    /// <summary>How a trained token counts.</summary>
    public TokenLoss Loss { get; init; } = TokenLoss.NegativeLogLikelihood;

    /// <summary>The released VPO settings (5 epochs, 2 examples a device, constant 2e-6 after a tenth of warm-up, 2,048 tokens).</summary>
    public static SftOptions Released { get; } = new()
    {
        Schedule = new LearningRateSchedule.ConstantWithWarmup(2e-6, 0.1),
        Epochs = 5,
        BatchSize = 2,
        MaxLength = 2048,
    };
}

/// <summary>Training on preference pairs.</summary>
public sealed record PreferenceOptions : TrainingOptions
{
    /// <summary>The loss of a pair.</summary>
    public PreferenceLoss Loss { get; init; } = new PreferenceLoss.Sigmoid(0.1);

    /// <summary>LD-DPO (arXiv 2409.06411): how much the tokens count by which one completion of a pair is longer, from 0 to 1, in policy and
    /// reference (as TRL; LLaMA-Factory leaves the reference alone). Null: as all others.</summary>
    public double? LateTokens { get; init; }

    /// <summary>WPO (arXiv 2406.11827): weighs each pair by how likely its completions are under the policy.</summary>
    public bool WeighByPolicy { get; init; }

    /// <summary>Lets the reference follow the policy; null: it stands still, and its log-probabilities are computed once.</summary>
    public ReferenceSync? ReferenceSync { get; init; }

    /// <summary>Training stops when after so many updates neither the loss has fallen below its start nor the accuracy has passed ½
    /// (means of the second half of those updates); null never stops.</summary>
    public int? StuckAfter { get; init; }

    /// <summary>Training stops when the chosen completions' mean log-probability has fallen by this many nats below the reference's
    /// (likelihood displacement); null never stops. Some fall is usual in DPO without an NLL term: the rejected ones fall more.</summary>
    public double? ChosenDriftFloor { get; init; }

    /// <summary>The released VPO settings (1 epoch, 2 pairs a device, 5e-7 falling linearly after a tenth of warm-up, β = 0.1, 2,048 tokens).</summary>
    public static PreferenceOptions Released { get; } = new()
    {
        Schedule = new LearningRateSchedule.Linear(5e-7, 0.1),
        BatchSize = 2,
        MaxLength = 2048,
    };
}
