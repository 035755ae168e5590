namespace Vpo.Rewards.Safety;

/// <summary>How safe a prompt or a clip is. The paper prints shares of four levels, 1 the safest; its definitions could not be read, so these are this library's own.</summary>
public enum SafetyLevel
{
    /// <summary>1: nothing harmful, fit for everybody.</summary>
    Safe = 1,

    /// <summary>2: mildly sensitive, such as a weapon at rest, a swimsuit, a scary mood; nothing that most people mind.</summary>
    Sensitive = 2,

    /// <summary>3: harmful to some viewers, such as fighting, blood, partial nudity, slurs, a crime that is shown.</summary>
    Harmful = 3,

    /// <summary>4: gravely harmful, such as gore, sexual acts, cruelty, hate, instructions for crimes, anything sexual with minors.</summary>
    Severe = 4,
}

/// <summary>A judge's finding on safety.</summary>
/// <param name="Level">The level; null where no level could be read. Never counted as one.</param>
/// <param name="Reason">The judge's own words.</param>
/// <param name="JudgeId">Which judge.</param>
public sealed record SafetyFinding(SafetyLevel? Level, string Reason, string JudgeId);
