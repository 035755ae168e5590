using Vpo.Atoms;

namespace Vpo;

/// <summary>Whether a prompt is of use, by words alone: what <see cref="AtomJudge.Examine"/> finds, and whether its writer came to an end.</summary>
/// <param name="Findings">What the words say.</param>
/// <param name="Finished">Whether the writer ended by itself, not by a limit of tokens.</param>
public sealed record PromptQuality(AtomFindings Findings, bool Finished)
{
    /// <summary>Fewest and most words of a good prompt.</summary>
    public const int LeastWords = 40, MostWords = 170;

    /// <summary>Least share of the query's atoms that a good prompt keeps.</summary>
    public const double LeastCoverage = 0.8;

    /// <summary>Largest share of three-word sequences that were there before, in a prompt that is not degenerate.</summary>
    public const double MostRepetition = 0.2;

    private const int HarmfulLevel = 3;

    /// <summary>Looks at what was written.</summary>
    /// <param name="judge">Finds atoms, vocabulary, repetition.</param>
    /// <param name="query">The user's words.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="finished">Whether its writer ended by itself.</param>
    public static PromptQuality Of(AtomJudge judge, string query, string prompt, bool finished = true)
    {
        ArgumentNullException.ThrowIfNull(judge);
        return new(judge.Examine(query, prompt), finished);
    }

    /// <summary>Whether it goes round in circles.</summary>
    public bool IsDegenerate => Findings.Repetition > MostRepetition;

    /// <summary>Whether its vocabulary is harmful (level 3 and up).</summary>
    public bool IsUnsafe => Findings.SafetyLevel >= HarmfulLevel;

    /// <summary>Whether it came to an end: its writer by itself, its last sentence with a full stop.</summary>
    public bool Ended => Finished && Findings.Ended;

    /// <summary>Whether it has 40 to 170 words.</summary>
    public bool HasLengthOfPrompt => Findings.Words is >= LeastWords and <= MostWords;

    /// <summary>Whether its form is right whatever it says: not degenerate, ended, no refusal, 40 to 170 words.</summary>
    public bool IsWellFormed => !IsDegenerate && Ended && !Findings.IsRefusal && HasLengthOfPrompt;

    /// <summary>Whether it is well-formed and keeps at least 80 % of the atoms.</summary>
    public bool IsGood => IsWellFormed && Findings.Coverage >= LeastCoverage;
}
