namespace Vpo.Training;

/// <summary>How the rows of a batch are laid out for the model. All give the same numbers but for rounding; they differ in how much is computed twice.</summary>
public enum RowLayout
{
    /// <summary>The fastest one that the model allows: <see cref="SharedPrefix"/>, or <see cref="Padded"/> with biases, with low-rank factors on the head, and for tiny models.</summary>
    Automatic,

    /// <summary>Rows as wide as the longest, filled up on the right.</summary>
    Padded,

    /// <summary>Rows one after the other, without padding and without attention across them.</summary>
    Packed,

    /// <summary>Packed, and a prompt that several completions have in common (chosen and rejected) is computed once.</summary>
    SharedPrompt,

    /// <summary>As <see cref="SharedPrompt"/>, and what all prompts of the batch begin with (the instruction) is computed once.</summary>
    SharedPrefix,
}
