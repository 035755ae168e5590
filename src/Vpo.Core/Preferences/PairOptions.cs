namespace Vpo;

/// <summary>In what a chosen video must not be worse than the rejected one.</summary>
public enum Dominance
{
    /// <summary>Nothing: the score alone counts.</summary>
    None,

    /// <summary>No dimension of the score may be lower, and one must be higher.</summary>
    Dimension,

    /// <summary>No sub-dimension may have fewer yeses, weightless ones included, and one must have more: questions of one ask for more or less of one thing, so that yeses are its level.</summary>
    SubDimension,

    /// <summary>No answer may be worse, weightless ones included, and one must be better.</summary>
    Question,
}

/// <summary>Which of a query's admissible pairs are taken.</summary>
public enum PairSelection
{
    /// <summary>The first one found, going through chosen, then rejected, in the order of the samples.</summary>
    First,

    /// <summary>The one with the greatest gap.</summary>
    BestWorst,

    /// <summary>Those of neighbours when sorted by score.</summary>
    Neighbours,

    /// <summary>All.</summary>
    All,
}

/// <summary>How pairs are mined and merged.</summary>
public sealed record PairOptions
{
    /// <summary>The score of the chosen must be more than this above the rejected one's; on the scale of the reward. Default 0.5.</summary>
    public double Gap { get; init; } = 0.5;

    /// <summary>Default <see cref="Dominance.None"/>.</summary>
    public Dominance Dominance { get; init; } = Dominance.None;

    /// <summary>Default <see cref="PairSelection.BestWorst"/>.</summary>
    public PairSelection Selection { get; init; } = PairSelection.BestWorst;

    /// <summary>Least score of a chosen video; null for none.</summary>
    public double? ScoreFloor { get; init; }

    /// <summary>Least values of a chosen video's dimensions, by name; none by default.</summary>
    public IReadOnlyDictionary<string, double> DimensionFloors { get; init; } = new Dictionary<string, double>();

    /// <summary>Most words of a chosen prompt; null for no limit.</summary>
    public int? MaxWords { get; init; }

    /// <summary>Keep one pair for a query, a text-level one before a video-level one; default false.</summary>
    public bool OnePerQuery { get; init; }

    /// <summary>The options of a preset.</summary>
    public static PairOptions For(VpoPreset preset) => preset switch
    {
        VpoPreset.Default => new(),
        VpoPreset.Paper => new() { Selection = PairSelection.Neighbours },
        VpoPreset.Released => new() { Dominance = Dominance.Question, Selection = PairSelection.First, OnePerQuery = true },
        _ => throw new ArgumentOutOfRangeException(nameof(preset), preset, "expected Default, Paper or Released"),
    };

    /// <summary>The options of a preset with another gap, as <see cref="VpoOptions"/> name them.</summary>
    public static PairOptions For(VpoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var preset = For(options.Preset);
        return options.Gap is { } gap ? preset with { Gap = gap } : preset;
    }
}
