namespace Vpo.Training;

/// <summary>One row of supervised fine-tuning.</summary>
/// <param name="Prompt">Ids that are read and not trained, with the one begin-of-text id.</param>
/// <param name="Completion">Ids that are trained, with the end-of-turn id.</param>
/// <remarks>Prompt and completion are tokenized apart, so that the prompt's ids are a prefix of the row's whatever the tokenizer merges.</remarks>
public sealed record TokenizedExample(int[] Prompt, int[] Completion)
{
    /// <summary>Shortened by <see cref="Truncation"/>; the same object where nothing is cut.</summary>
    public TokenizedExample Truncate(int cutoff)
    {
        var (prompt, completion) = Truncation.Lengths(Prompt.Length, Completion.Length, cutoff);
        return prompt == Prompt.Length && completion == Completion.Length ? this : new(Prompt[..prompt], Completion[..completion]);
    }

    /// <summary>Tokens that have a predecessor to be predicted from: all of the completion, less the first when there is no prompt.</summary>
    public int TrainedTokens => Math.Max(0, Completion.Length - (Prompt.Length == 0 ? 1 : 0));
}

/// <summary>One preference pair: two completions of one prompt.</summary>
/// <param name="Prompt">Ids common to both, with the one begin-of-text id.</param>
/// <param name="Chosen">Ids of the better completion, with the end-of-turn id.</param>
/// <param name="Rejected">Ids of the worse completion, likewise.</param>
public sealed record PreferenceExample(int[] Prompt, int[] Chosen, int[] Rejected)
{
    /// <summary>Shortened by <see cref="Truncation"/>, the longer completion deciding; the same object where nothing is cut.</summary>
    public PreferenceExample Truncate(int cutoff)
    {
        var longest = Math.Max(Chosen.Length, Rejected.Length);
        var (prompt, completion) = Truncation.Lengths(Prompt.Length, longest, cutoff);
        return prompt == Prompt.Length && completion == longest
            ? this
            : new(Prompt[..prompt], Chosen[..Math.Min(completion, Chosen.Length)], Rejected[..Math.Min(completion, Rejected.Length)]);
    }

    /// <summary>The prompt with the chosen completion.</summary>
    public TokenizedExample ChosenRow => new(Prompt, Chosen);

    /// <summary>The prompt with the rejected completion.</summary>
    public TokenizedExample RejectedRow => new(Prompt, Rejected);
}

/// <summary>How LLaMA-Factory shares a length limit between prompt and completion (infer_seqlen): each keeps its first tokens.</summary>
public static class Truncation
{
    /// <summary>Lengths to keep; together at most <paramref name="cutoff"/>.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="completion">Tokens of the (longer) completion.</param>
    /// <param name="cutoff">Most tokens of a row.</param>
    /// <remarks>A long prompt loses its end, which is where a chat template opens the answer; a long completion loses its end-of-turn token.</remarks>
    public static (int Prompt, int Completion) Lengths(int prompt, int completion, int cutoff)
    {
        var limit = 2L * completion < cutoff ? cutoff
            : 2L * prompt < cutoff ? cutoff - prompt
            : (int)(cutoff * ((double)completion / ((long)prompt + completion)));
        var kept = Math.Min(limit, completion);
        return (Math.Min(Math.Max(cutoff - kept, 0), prompt), kept);
    }
}
