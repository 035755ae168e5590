namespace Vpo.Curation;

/// <summary>A query as a data set holds it.</summary>
/// <param name="Text">The words as they were typed; may hold entities, options and outer white space.</param>
public sealed record SourceQuery(string Text)
{
    /// <summary>The data set's own id, such as VidProM's uuid; null where it has none.</summary>
    public string? SourceId { get; init; }

    /// <summary>When it was typed, as written in the data set; null where it does not say.</summary>
    public string? Time { get; init; }

    /// <summary>How likely it asks for something harmful; null where nobody measured.</summary>
    public HarmLabels? Labels { get; init; }
}

/// <summary>VidProM's six probabilities (of Detoxify), each from 0 to 1.</summary>
/// <param name="Toxicity">Rude or hateful in general.</param>
/// <param name="Obscene">Obscene.</param>
/// <param name="IdentityAttack">Against a group of people.</param>
/// <param name="Insult">Against a person.</param>
/// <param name="Threat">Threat of violence.</param>
/// <param name="SexualExplicit">Sexually explicit.</param>
public sealed record HarmLabels(double Toxicity, double Obscene, double IdentityAttack, double Insult, double Threat, double SexualExplicit)
{
    /// <summary>The names of VidProM's columns, in the order of the record.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["toxicity", "obscene", "identity_attack", "insult", "threat", "sexual_explicit"];

    /// <summary>From values in the order of <see cref="Columns"/>.</summary>
    public static HarmLabels Of(ReadOnlySpan<double> values) => new(values[0], values[1], values[2], values[3], values[4], values[5]);

    /// <summary>The greatest of the six.</summary>
    public double Highest => Math.Max(Math.Max(Math.Max(Toxicity, Obscene), Math.Max(IdentityAttack, Insult)), Math.Max(Threat, SexualExplicit));
}
