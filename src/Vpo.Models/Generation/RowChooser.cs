using System.Numerics.Tensors;

namespace Vpo.Models.Generation;

/// <summary>Chooses the next id of one answer; several threads may choose at once.</summary>
internal sealed class RowChooser(SamplingOptions options, int vocabulary)
{
    private readonly ThreadLocal<Sampler> _samplers = new(() => new(options, vocabulary));

    /// <summary>Whether the likeliest id is taken as it is.</summary>
    public bool IsPlain { get; } = options is { Greedy: true, HasProcessors: false };

    /// <param name="scores">Logits; may be changed.</param>
    /// <param name="answer">So far. A finished one gets 0 and draws nothing.</param>
    public int Choose(Span<float> scores, Answer answer)
    {
        if (answer.IsFinished)
            return 0;
        return IsPlain ? TensorPrimitives.IndexOfMax<float>(scores) : _samplers.Value!.Choose(scores, answer.History, answer.PromptLength, ref answer.Stream);
    }
}
