using System.Text.RegularExpressions;
using TorchSharp.Modules;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

/// <summary>
/// The parameters being trained, as an optimizer needs them: float32 values to update ("masters": the parameters themselves when they are
/// float32, else copies) and float32 gradients that stay allocated from step to step.
/// </summary>
/// <remarks>
/// Parameters that are narrower than float32 collect each micro-batch's gradient into a float32 sum, so that accumulation loses nothing.
/// Owns the masters' copies and the sums, not the parameters. One thread at a time.
/// </remarks>
public sealed partial class TrainedParameters : IDisposable
{
    private readonly Tensor[] _narrow, _narrowGradients, _narrowSums, _narrowMasters;

    /// <summary>Takes every parameter that requires a gradient; a tied parameter counts once, under its first name.</summary>
    /// <param name="parameters">Names and parameters, as named_parameters gives them.</param>
    /// <param name="keepGradients">False leaves gradients to the backward pass and <see cref="BackwardUpdates"/>: none is allocated here.</param>
    /// <exception cref="ArgumentException">None of them requires a gradient.</exception>
    public TrainedParameters(IEnumerable<(string Name, Parameter Value)> parameters, bool keepGradients = true)
    {
        var trained = parameters.Where(p => p.Value.requires_grad).DistinctBy(p => p.Value.Handle).ToArray();
        if (trained.Length == 0)
            throw new ArgumentException("Nothing to train: no parameter requires a gradient.", nameof(parameters));
        Names = [.. trained.Select(p => p.Name)];
        Parameters = [.. trained.Select(p => p.Value)];
        using var _ = no_grad();
        var gradients = keepGradients ? trained.Select(p => GradientOf(p.Value)).ToArray() : [];
        Masters = [.. trained.Select(p => Keep(IsWide(p.Value) ? p.Value.detach() : p.Value.detach().to(ScalarType.Float32)))];
        Gradients = keepGradients ? [.. trained.Zip(gradients, (p, g) => IsWide(p.Value) ? g : Keep(zeros_like(g, dtype: ScalarType.Float32)))] : new Tensor[trained.Length];
        var narrow = Enumerable.Range(0, trained.Length).Where(i => !IsWide(trained[i].Value)).ToArray();
        _narrow = [.. narrow.Select(i => Keep(trained[i].Value.detach()))];
        _narrowGradients = keepGradients ? [.. narrow.Select(i => gradients[i])] : [];
        _narrowSums = keepGradients ? [.. narrow.Select(i => Gradients[i])] : [];
        _narrowMasters = [.. narrow.Select(i => Masters[i])];
    }

    /// <summary>Their names, in the order of <see cref="Masters"/> and <see cref="Gradients"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The parameters themselves, in the same order.</summary>
    internal IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>float32 values; an optimizer changes them in place and then calls <see cref="Publish()"/>.</summary>
    public Tensor[] Masters { get; }

    /// <summary>float32 gradients, complete after <see cref="Collect"/>. Without kept gradients: those of the parameters that are being updated.</summary>
    public Tensor[] Gradients { get; }

    /// <summary>Whether a parameter takes weight decay: all but biases and the weights of norms (the rule of transformers' Trainer).</summary>
    public static bool Decays(string name) => !WithoutDecay().IsMatch(name);

    /// <summary>Call after each backward pass.</summary>
    public void Collect()
    {
        FusedKernels.Add(_narrowSums, _narrowGradients);
        FusedKernels.Zero(_narrowGradients);
    }

    /// <summary>Scales the gradients by min(1, limit / (norm + 1e-6)).</summary>
    /// <param name="limit">The greatest norm allowed; null only measures.</param>
    /// <returns>The norm over all parameters before clipping; NaN or infinite when a gradient is.</returns>
    public double Clip(double? limit)
    {
        using var scope = NewDisposeScope();
        var norm = FusedKernels.Norm(Gradients);
        var value = norm.item<float>();
        if (limit is { } max && !(value + 1e-6f <= max))   // so that NaN goes on
            FusedKernels.Scale(Gradients, norm.Plus(1e-6).reciprocal().Times(max).Within(0, 1));
        return value;
    }

    /// <summary>Forgets the gradients, without freeing them.</summary>
    public void ZeroGradients() => FusedKernels.Zero(Gradients);

    /// <summary>Brings changed masters back into parameters of a narrower type.</summary>
    public void Publish() => FusedKernels.Copy(_narrow, _narrowMasters);

    /// <summary>The same for some of them. float32 parameters are their own masters.</summary>
    internal void Publish(IReadOnlyList<int> members)
    {
        using var _ = no_grad();
        foreach (var i in members.Where(i => !IsWide(Parameters[i])))
            Parameters[i].copy_(Masters[i]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor?[])[.. Masters, .. Gradients, .. _narrow, .. _narrowGradients])
            tensor?.Dispose();
    }

    private static bool IsWide(Tensor value) => value.dtype is ScalarType.Float32;

    private static Tensor Keep(Tensor tensor) => tensor.DetachFromDisposeScope();

    private static Tensor GradientOf(Parameter parameter)
    {
        parameter.grad = zeros_like(parameter).DetachFromDisposeScope();
        return parameter.grad!.DetachFromDisposeScope();
    }

    // The patterns of transformers.trainer_pt_utils: bias, layernorm, rmsnorm, and "norm" as a whole word of the path or after an underscore.
    [GeneratedRegex(@"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WithoutDecay();
}
