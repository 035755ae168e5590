namespace Vpo.Atoms.Language;

/// <summary>What a word can be. Words can be several.</summary>
[Flags]
internal enum WordClass
{
    Unknown = 0,
    Determiner = 1,
    Pronoun = 1 << 1,
    Preposition = 1 << 2,
    Conjunction = 1 << 3,
    Auxiliary = 1 << 4,
    Adverb = 1 << 5,
    Filler = 1 << 6,
    Adjective = 1 << 7,
    Number = 1 << 8,
    Color = 1 << 9,
    VerbBase = 1 << 10,
    VerbS = 1 << 11,
    VerbPast = 1 << 12,
    VerbIng = 1 << 13,

    /// <summary>A verb that is a noun unless the place says otherwise.</summary>
    Nounish = 1 << 14,

    /// <summary>Speaks about the video or the request.</summary>
    Meta = 1 << 15,

    /// <summary>A noun although it ends like a verb.</summary>
    NounForm = 1 << 16,

    /// <summary>A year or decade.</summary>
    Era = 1 << 17,

    Verb = VerbBase | VerbS | VerbPast | VerbIng,
    Small = Determiner | Pronoun | Preposition | Conjunction | Auxiliary | Adverb,
}

/// <summary>A word as the lists or the rules of English endings know it.</summary>
/// <param name="Class">What it can be.</param>
/// <param name="Noun">Its singular.</param>
/// <param name="Verb">Its base form as a verb; null when it is none.</param>
internal sealed record Word(WordClass Class, string Noun, string? Verb)
{
    internal bool Is(WordClass any) => (Class & any) != 0;

    /// <summary>Whether it can be read as this base form.</summary>
    internal bool Means(string form) => Noun == form || Verb == form;
}
