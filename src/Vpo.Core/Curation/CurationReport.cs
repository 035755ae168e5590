namespace Vpo.Curation;

/// <summary>What was read, what each step removed, and what came out.</summary>
public sealed record CurationReport
{
    /// <summary>Rows read, damaged ones included.</summary>
    public required int Read { get; init; }

    /// <summary>Rows that could not be read; the first of them with place and cause.</summary>
    public required Step Damaged { get; init; }

    /// <summary>Each rule and each step in order, also those that removed nothing.</summary>
    public required IReadOnlyList<Step> Steps { get; init; }

    /// <summary>Queries that passed all steps before choosing.</summary>
    public required int Passed { get; init; }

    /// <summary>Queries in the SFT set, and how many of them ask for something harmful.</summary>
    public required SetSize Sft { get; init; }

    /// <summary>Queries in the DPO set, and how many of them ask for something harmful.</summary>
    public required SetSize Dpo { get; init; }

    /// <summary>Labelled harmful, but the judge found nothing harmful: taken as harmless ones.</summary>
    public int JudgedHarmless { get; init; }

    /// <summary>Labelled harmful, and no verdict could be read: in no set.</summary>
    public int JudgedUnclear { get; init; }

    /// <summary>Mean over a sample of each query's highest BLEU-4 with another of it, before similarity was looked at; lower is more diverse.</summary>
    public required double SelfBleuBefore { get; init; }

    /// <summary>The same over what passed.</summary>
    public required double SelfBleuAfter { get; init; }

    /// <summary>Id of the files and options (<see cref="CurationWork"/>); null where the caller did not say.</summary>
    public string? Work { get; init; }

    /// <summary>The options that made it.</summary>
    public required CurationOptions Options { get; init; }
}

/// <summary>A rule or step.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Says">What it does.</param>
/// <param name="Removed">How many queries it removed.</param>
/// <param name="Examples">Some of them.</param>
public sealed record Step(string Name, string Says, int Removed, IReadOnlyList<StepExample> Examples);

/// <summary>A query that was removed.</summary>
/// <param name="Query">Its words.</param>
/// <param name="Because">The query that it repeats, or the cause; null where the rule says it all.</param>
public sealed record StepExample(string Query, string? Because);

/// <summary>A set's size.</summary>
/// <param name="Queries">All.</param>
/// <param name="Harmful">Those that ask for something harmful.</param>
public readonly record struct SetSize(int Queries, int Harmful);
