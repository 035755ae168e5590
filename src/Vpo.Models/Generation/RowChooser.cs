using System.Numerics.Tensors;

namespace Vpo.Models.Generation;

/// <summary>Chooses the next id of one answer; several threads may choose at once.</summary>
internal sealed class RowChooser(int vocabulary)
{
    private readonly ThreadLocal<Sampler> _samplers = new(() => new(vocabulary));

    /// <param name="options">Of the answer's call.</param>
    /// <param name="scores">Logits; may be changed.</param>
    /// <param name="answer">So far. A finished one gets 0 and draws nothing.</param>
    public int Choose(SamplingOptions options, Span<float> scores, Answer answer)
    {
        if (answer.IsFinished)
            return 0;
        return options.IsPlain ? TensorPrimitives.IndexOfMax<float>(scores) : _samplers.Value!.Choose(options, scores, answer);
    }
}
