namespace Vpo;

/// <summary>Text-level pairs: a prompt that the judge found flawed is worse than its refinement (paper section 3.2).</summary>
public static class TextPreferences
{
    /// <summary>The pair of one verdict, or null: only a misaligned prompt with a refinement that differs from it makes one.</summary>
    /// <param name="verdict">The judge's verdict.</param>
    /// <param name="refined">The refined prompt; null, blank or with line ends makes no pair.</param>
    public static PreferencePair? From(Verdict verdict, string? refined) => Refined(verdict, refined) is { } pair && !pair.Chosen.Contains('\n') ? pair : null;

    /// <summary>The same, line ends or not.</summary>
    internal static PreferencePair? Refined(Verdict verdict, string? refined)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        if (verdict.Judgement != Judgement.Misaligned || string.IsNullOrWhiteSpace(refined) || refined == verdict.Prompt)
            return null;
        return new()
        {
            Query = verdict.Query,
            Chosen = refined,
            Rejected = verdict.Prompt,
            Source = FeedbackSource.Text,
            Reason = verdict.Class switch
            {
                AlignmentClass.Refusal => "the judge found it a refusal",
                { } flaw => $"the judge found it {flaw.ToString().ToLowerInvariant()}",
                null => "the judge found it misaligned",
            },
        };
    }
}
