using Vpo.Models.Decoding;
using Vpo.Models.Lora;

namespace Vpo.Training.Track;

/// <summary>Sizes, rates and seed of a <see cref="LanguageTrack"/>. The defaults made the adapter in models/smollm2-vpo-lora.</summary>
public sealed record TrackOptions
{
    /// <summary>The model to start from: a Hugging Face folder, a GGUF file, or a folder with one.</summary>
    public required string Model { get; init; }

    /// <summary>The folder with vbench/ (short prompts and their GPT-4o rewrites) and vpo/ (the released queries).</summary>
    public required string Data { get; init; }

    /// <summary>The message to the model; kept beside the adapter as vpo_template.txt. Short, since it is read for every row of training.</summary>
    public string Instruction { get; init; } = "Describe this wish for a video in one paragraph. Keep everything it says.\n\nWish: {query}";

    /// <summary>Of everything random.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Rewrites for SFT, of those that the atom judge finds aligned.</summary>
    public int Demonstrations { get; init; } = 480;

    /// <summary>The share of them whose wish is made of sentences of the rewrite itself, from 0 to 1: of all lengths that real ones have, where VBench's are short.</summary>
    public double SentenceShare { get; init; } = 0.8;

    /// <summary>Least share of its wish's atoms that such a rewrite keeps; 0.8 is what the atom judge calls aligned.</summary>
    public double LeastKept { get; init; } = 1;

    /// <summary>Most words of such a rewrite: what they are long, the model's prompts become long.</summary>
    public int MostWords { get; init; } = 120;

    /// <summary>Queries for pairs.</summary>
    public int PairQueries { get; init; } = 128;

    /// <summary>Prompts sampled for each of them (K), at temperature and top-p 0.9.</summary>
    public int Samples { get; init; } = 4;

    /// <summary>The chosen prompt must keep more than this share of the atoms more.</summary>
    public double Gap { get; init; } = 0.15;

    /// <summary>Most pairs to train on.</summary>
    public int MostPairs { get; init; } = 96;

    /// <summary>Queries of the table; never trained on, nor near to one that is.</summary>
    public int HeldOut { get; init; } = 300;

    /// <summary>How many of them, from the first, the untouched base reads as well (<see cref="QueryLikelihood"/>).</summary>
    public int Likelihoods { get; init; } = 80;

    /// <summary>The adapter that is trained.</summary>
    public LoraConfig Adapter { get; init; } = new() { Rank = 16, Alpha = 32 };

    /// <summary>How the rewrites are learnt; the seed is the track's.</summary>
    public SftOptions Supervised { get; init; } = new()
    {
        Schedule = new LearningRateSchedule.Cosine(1e-3, 0.05),
        BatchSize = 8,
        MaxLength = 512,
        CheckpointEvery = 20,
        Lanes = 2,
    };

    /// <summary>How the pairs are learnt; the seed is the track's.</summary>
    public PreferenceOptions Preferences { get; init; } = new()
    {
        Schedule = new LearningRateSchedule.Linear(1.5e-4, 0.1),
        Epochs = 2,
        BatchSize = 4,
        MaxLength = 512,
        Lanes = 2,
        Loss = new PreferenceLoss.Mix((new PreferenceLoss.Sigmoid(0.1), 1), (new PreferenceLoss.ChosenTokenMean(0.1), 0.5)),
        CheckpointEvery = 20,
    };

    /// <summary>Most new tokens of a prompt.</summary>
    public int MaxNewTokens { get; init; } = 192;

    /// <summary>Type in which matrices are read while prompts are written.</summary>
    public WeightType Weights { get; init; } = WeightType.Int8;

    /// <summary>A run of a minute or so that goes through every step; its figures mean little.</summary>
    public TrackOptions Smaller() => this with { Demonstrations = 32, PairQueries = 24, MostPairs = 12, HeldOut = 12, Likelihoods = 6, MaxNewTokens = 160 };

    internal void Check()
    {
        foreach (var (name, value) in new[] { (nameof(Demonstrations), Demonstrations), (nameof(PairQueries), PairQueries), (nameof(MostPairs), MostPairs), (nameof(MaxNewTokens), MaxNewTokens) })
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        foreach (var (name, value) in new[] { (nameof(SentenceShare), SentenceShare), (nameof(LeastKept), LeastKept) })
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1, name);
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(Samples, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Likelihoods, 2);   // a prompt is held against that of another query
        ArgumentOutOfRangeException.ThrowIfLessThan(HeldOut, Likelihoods);
    }
}
