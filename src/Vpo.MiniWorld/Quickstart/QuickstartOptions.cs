namespace Vpo.MiniWorld;

/// <summary>What a <see cref="Quickstart"/> runs, and in what size. The defaults take two to three minutes on two cores.</summary>
public sealed record QuickstartOptions
{
    /// <summary>Of everything random: queries, start of the model, order of training, noise of the videos.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Rounds of feedback and DPO.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Also run VPO without text-level and without video-level feedback.</summary>
    public bool Ablations { get; init; }

    /// <summary>Also run the two controls: DPO on randomly flipped pairs, which must gain nothing, and SFT on the prompts of a teacher without faults.</summary>
    public bool Controls { get; init; }

    /// <summary>Also score every method on the second generator, which no optimizer is trained for.</summary>
    public bool Transfer { get; init; }

    /// <summary>Train the generator too, instead of taking the shipped one: some minutes more.</summary>
    public bool FromScratch { get; init; }

    /// <summary>How the generator is trained with <see cref="FromScratch"/>; null: as the shipped one, from this run's seed.</summary>
    public GeneratorRecipe? Generator { get; init; }

    /// <summary>Queries for supervised fine-tuning.</summary>
    public int SftQueries { get; init; } = 4000;

    /// <summary>Passes over them.</summary>
    public int SftEpochs { get; init; } = 8;

    /// <summary>Queries for preference pairs.</summary>
    public int PreferenceQueries { get; init; } = 800;

    /// <summary>How many of them are rendered, four prompts each.</summary>
    public int VideoQueries { get; init; } = 250;

    /// <summary>Held-out queries for the table.</summary>
    public int EvaluationQueries { get; init; } = 500;

    /// <summary>How many of them are rendered.</summary>
    public int EvaluationVideos { get; init; } = 500;

    /// <summary>Of how many held-out queries each method's clip is kept, for the report and for people to compare; default 8.</summary>
    public int KeptClips { get; init; } = 8;

    /// <summary>Add the baselines: tags behind the query, prompts that evolve under the video reward (up to 13 videos a query, so minutes), and trigger words that are searched for the model after SFT.</summary>
    public bool Baselines { get; init; }

    /// <summary>Errors of the few-shot teacher.</summary>
    public TeacherNoise Noise { get; init; } = new();

    /// <summary>Where the shipped generators are unpacked; null: a folder of the user's application data.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>A run of seconds that goes through every step; its figures mean little.</summary>
    public static QuickstartOptions Smoke { get; } = new()
    {
        SftQueries = 400,
        SftEpochs = 4,
        PreferenceQueries = 40,
        VideoQueries = 20,
        EvaluationQueries = 60,
        EvaluationVideos = 16,
    };
}
