namespace Vpo;

/// <summary>How a <see cref="VpoLoop"/> runs. The defaults of sampling are the released ones.</summary>
public sealed record LoopOptions
{
    /// <summary>Of everything random; same seed, parts and queries: same files.</summary>
    public long Seed { get; init; }

    /// <summary>Rounds of sampling, feedback and DPO; 0 ends after SFT. Default 1. May be raised for a folder that has fewer.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Prompts sampled for each query (K); default 4.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>Temperature of those samples; default 0.9.</summary>
    public double SampleTemperature { get; init; } = 0.9;

    /// <summary>Nucleus of those samples; default 0.9.</summary>
    public double SampleTopP { get; init; } = 0.9;

    /// <summary>Temperature of the prompts of the table; default 0.7.</summary>
    public double EvaluationTemperature { get; init; } = 0.7;

    /// <summary>Nucleus of the prompts of the table; default 1.</summary>
    public double EvaluationTopP { get; init; } = 1;

    /// <summary>How pairs are mined and merged.</summary>
    public PairOptions Pairs { get; init; } = new();

    /// <summary>How many of the preference queries, from the first, are rendered; null for all.</summary>
    public int? VideoQueries { get; init; }

    /// <summary>How many of the held-out queries, from the first, are rendered; null for all.</summary>
    public int? EvaluationVideos { get; init; }

    /// <summary>Videos of each rendered held-out query; default 1.</summary>
    public int ClipsPerQuery { get; init; } = 1;

    /// <summary>Use text-level pairs; default true.</summary>
    public bool UseText { get; init; } = true;

    /// <summary>Use video-level pairs; default true.</summary>
    public bool UseVideo { get; init; } = true;

    /// <summary>After round 1 also train on text-level and on video-level pairs alone (rows "without-video" and "without-text"); default false.</summary>
    public bool Ablations { get; init; }

    /// <summary>After round 1 also train on randomly flipped pairs (row "flipped-pairs"); default false.</summary>
    public bool FlippedControl { get; init; }

    /// <summary>How videos are generated; null takes the model's defaults.</summary>
    public VideoOptions? Video { get; init; }

    /// <summary>Items in one batch; default 64. So many clips are in memory at once: set it to a few for large videos.</summary>
    public int ChunkSize { get; init; } = 64;

    /// <summary>Of how many held-out queries, from the first, a clip is kept as an animated PNG for each method; default 8.</summary>
    public int KeptClips { get; init; } = 8;

    /// <summary>How long a score may take, and whether scores are asked for twice. What throws, hangs, is no number or disagrees with itself is reported for its clip and left out of pairs and means.</summary>
    public GuardOptions Reward { get; init; } = new();

    /// <summary>Ask a reward that can (<see cref="IGroupVideoReward"/>) only what a query's pairs depend on: the pairs are the same, some clips keep no full score. Default false.</summary>
    public bool LazyRewards { get; init; }

    /// <summary>When to stop before all rounds are done.</summary>
    public StopOptions Stop { get; init; } = new();

    /// <summary>The options of a host: its samples, temperatures, preset and gap; the rest as by default.</summary>
    public static LoopOptions For(VpoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Samples = options.Samples,
            SampleTemperature = options.SampleTemperature,
            SampleTopP = options.SampleTopP,
            EvaluationTemperature = options.Temperature,
            EvaluationTopP = options.TopP,
            Pairs = PairOptions.For(options),
        };
    }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Rounds);
        ArgumentOutOfRangeException.ThrowIfLessThan(Samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ChunkSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClipsPerQuery, 1);
        if (!UseText && !UseVideo && Rounds > 0)
            throw new ArgumentException("expected UseText or UseVideo: without both there are no pairs to learn from");
    }
}

/// <summary>When a loop stops before all rounds are done.</summary>
public sealed record StopOptions
{
    /// <summary>A round must gain more than this in mean video reward over the one before; default 0.</summary>
    public double MinimumGain { get; init; }

    /// <summary>Mean change of the chosen prompts' log-probability over the last quarter of a round's steps must not be below this; default 0.</summary>
    public double ChosenDriftFloor { get; init; }

    /// <summary>Share of held-out prompts on which the judges of training and evaluation may disagree about aligned or not; default 0.2.</summary>
    public double MaximumDisagreement { get; init; } = 0.2;
}
