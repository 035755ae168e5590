namespace Vpo.Atoms.Language;

/// <summary>A word of a text and where it stands.</summary>
/// <param name="Start">Of its first character.</param>
/// <param name="End">Behind its last character.</param>
/// <param name="Text">In lower case.</param>
/// <param name="Word">What it can be.</param>
internal sealed record Token(int Start, int End, string Text, Word Word)
{
    /// <summary>Number of its sentence, from 0.</summary>
    internal int Sentence { get; init; }

    /// <summary>Whether a comma, bracket, dash or sentence end stands before it.</summary>
    internal bool AfterBreak { get; init; }

    /// <summary>Whether a hyphen joins it to the word before.</summary>
    internal bool Joined { get; init; }

    /// <summary>Whether it begins with a capital that is not the sentence's.</summary>
    internal bool IsName { get; init; }

    internal bool Is(WordClass any) => Word.Is(any);

    /// <summary>Whether it is this word in any inflection.</summary>
    internal bool Means(string form) => Text == form || Word.Means(form);

    /// <summary>Whether it is this word as a thing, singular or plural.</summary>
    internal bool Names(string form) => Text == form || Word.Noun == form;
}
