namespace Vpo.Atoms.Language;

/// <summary>What a word does in its sentence.</summary>
internal enum Role
{
    /// <summary>Small words and fillers: nothing to be seen.</summary>
    None,
    Noun,
    Verb,
    Describing,
    Number,
    Color,

    /// <summary>A verb that speaks about the video.</summary>
    Meta,

    /// <summary>Part of a phrase that was taken out before.</summary>
    Taken,
}
