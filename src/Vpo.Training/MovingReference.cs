using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>A reference that follows the policy (TR-DPO, arXiv 2404.09656): θ_ref ← α·θ + (1 − α)·θ_ref. With one step between and a small α it is
/// the policy's exponential moving average.</summary>
/// <param name="Every">Optimizer steps between two moves (TRL: 512).</param>
/// <param name="Mix">α, above 0, at most 1 (TRL: 0.6).</param>
public sealed record ReferenceSync(int Every = 512, double Mix = 0.6)
{
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        if (Mix is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(Mix), Mix, "must be above 0 and at most 1.");
    }
}

/// <summary>The model behind a <see cref="ReferenceSync"/>.</summary>
internal sealed class MovingReference(LlamaModel policy, ReferenceSync sync, LlamaModel? start) : IDisposable
{
    private readonly LlamaModel _model = (start ?? policy).Copy(compute: policy.Compute);

    /// <summary>What a checkpoint must hold besides the policy.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State => _model.AllParameters.Select(p => KeyValuePair.Create("reference." + p.Name, (Tensor)p.Value));

    /// <summary>Sums of log-probabilities, the chosen ones first.</summary>
    public float[] Of(TokenBatch batch, ScoringOptions options, double? lateTokens)
    {
        using var scope = NewDisposeScope();
        using var scores = SequenceLogProbs.Of(_model, batch, options with { ForGradient = false });
        return scores.RowSums(lateTokens).detach().cpu().data<float>().ToArray();
    }

    /// <summary>Moves it, when the step asks for it.</summary>
    public void After(int step)
    {
        if (step % sync.Every != 0)
            return;
        using var guard = no_grad();
        foreach (var (own, other) in _model.AllParameters.Zip(policy.AllParameters, (a, b) => (a.Value, b.Value)))
        {
            using var scope = NewDisposeScope();
            own.TimesInPlace(1 - sync.Mix).PlusInPlace(other.detach(), sync.Mix);
        }
    }

    public void Dispose() => _model.Dispose();
}
