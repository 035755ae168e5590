using System.Numerics.Tensors;
using Vpo.Models.Decoding;

namespace Vpo.Models.Generation;

/// <summary>Chooses a token from logits by <see cref="SamplingOptions"/>. One instance per thread.</summary>
internal sealed class Sampler(int vocabulary)
{
    private readonly Warpers _warpers = new(vocabulary);

    /// <summary>Applies every step that is on, in the order of Hugging Face.</summary>
    /// <param name="options">What is on.</param>
    /// <param name="scores">Logits, changed in place; removed tokens become minus infinity.</param>
    /// <param name="history">Prompt and answer.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    public void Process(SamplingOptions options, Span<float> scores, ReadOnlySpan<int> history, int promptLength)
    {
        if (options.RepetitionPenalty != 1)
            HistoryRules.RepetitionPenalty(scores, history, (float)options.RepetitionPenalty);
        if (options.NoRepeatNgram > 0)
            HistoryRules.NoRepeatNgram(scores, history, options.NoRepeatNgram);
        if (options.BadWords.Count > 0)
            HistoryRules.BadWords(scores, history, options.BadWords, options.Stops);
        if (history.Length < options.MinLength || history.Length - promptLength < options.MinNewTokens)
            HistoryRules.Forbid(scores, options.Stops);
        if (!options.Greedy)
            Warp(options, scores);
        if (options.Renormalize)
            _warpers.Normalize(scores);
    }

    /// <summary>The next token; sampling takes exactly one number of the stream.</summary>
    public int Choose(SamplingOptions options, Span<float> scores, Answer answer)
    {
        Process(options, scores, answer.History, answer.PromptLength);
        return options.Greedy ? TensorPrimitives.IndexOfMax<float>(scores) : Draw(scores, answer.Stream.Next());
    }

    /// <summary>Inverse of the cumulative distribution in vocabulary order.</summary>
    /// <param name="scores">Logits as they are after processing.</param>
    /// <param name="uniform">From 0 up to, not including, 1.</param>
    public int Draw(ReadOnlySpan<float> scores, double uniform)
    {
        var probabilities = _warpers.Softmax(scores);
        var (sum, last) = (0.0, 0);
        for (var i = 0; (i = VectorLanes.NextAtLeast(probabilities, i, float.Epsilon)) < probabilities.Length; i++)
        {
            last = i;
            if ((sum += probabilities[i]) > uniform)
                break;
        }
        return last;
    }

    private void Warp(SamplingOptions options, Span<float> scores)
    {
        if (options.Temperature != 1)
            Warpers.Temperature(scores, (float)options.Temperature);
        if (options.TopK > 0)
            _warpers.TopK(scores, options.TopK);
        if (options.TopP < 1)
            _warpers.TopP(scores, options.TopP);
        if (options.MinP > 0)
            _warpers.MinP(scores, options.MinP);
        if (options.TypicalP < 1)
            _warpers.Typical(scores, options.TypicalP);
        if (options.EpsilonCutoff is > 0 and < 1)
            _warpers.Epsilon(scores, options.EpsilonCutoff);
        if (options.EtaCutoff is > 0 and < 1)
            _warpers.Eta(scores, options.EtaCutoff);
    }
}

/// <summary>Numbers in [0, 1) from a seed (SplitMix64), the same on every machine.</summary>
internal struct UniformStream(long seed)
{
    private ulong _state = unchecked((ulong)seed);

    public double Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
