namespace Vpo.Training.Optimizers;

/// <summary>
/// Updates each parameter during the backward pass, as soon as its gradient is whole, and frees the gradient: gradients of about one layer are in
/// memory instead of all. Gives the same parameters as updating afterwards, to the last bit.
/// </summary>
/// <remarks>What needs all gradients at once is refused by <see cref="TrainingOptions"/> before training: clipping (its factor is of the norm over all of them),
/// several micro-batches a step, lanes and groups of processes (which add to gradients from several sides), padded rows (whose gradients come from
/// recorded graphs, into which TorchSharp 0.107 lets no hook).</remarks>
/// <param name="Of">The optimizer that makes the updates.</param>
public sealed record InBackwardOptions(OptimizerOptions Of) : OptimizerOptions
{
    /// <summary>What the options of a run must be for it.</summary>
    /// <exception cref="ArgumentException">Names the option, and what to set it to.</exception>
    internal static void Validate(TrainingOptions options)
    {
        static void Refuse(bool found, string option, string why) =>
            _ = found ? throw new ArgumentException($"{nameof(InBackwardOptions)} updates parameters during the backward pass, {why}: {option}, or take its optimizer as it is.") : 0;
        Refuse(options.MaxGradientNorm is not null, $"set {nameof(TrainingOptions.MaxGradientNorm)} to null", "when the norm of the whole gradient, which clipping needs, is not known yet");
        Refuse(options.Accumulation > 1, $"set {nameof(TrainingOptions.Accumulation)} to 1", "so gradients of several micro-batches can't be added up");
        Refuse(options.Lanes > 1, $"set {nameof(TrainingOptions.Lanes)} to 1", "so threads can't add to one gradient");
        Refuse(options.Layout == RowLayout.Padded, $"choose another {nameof(RowLayout)} than {nameof(RowLayout.Padded)}", "which the recorded graphs of padded rows have no place for");
        Refuse(options is DiffusionDpoOptions, "take another optimizer", "which the recorded graphs of a denoising model have no place for");
    }

    internal override IOptimizer Create(TrainedParameters parameters) => Of is InBackwardOptions
        ? throw new ArgumentException($"{nameof(InBackwardOptions)} inside {nameof(InBackwardOptions)}: name the optimizer once.")
        : Of.Create(parameters);
}
