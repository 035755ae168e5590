using Vpo.Models.Checkpoints;

namespace Vpo.Models.Generation;

/// <summary>How the next token is chosen and when to end. Steps run in the order of Hugging Face's generate; a default switches its step off.</summary>
public sealed record SamplingOptions
{
    /// <summary>Always the likeliest token: everything from temperature to eta is then left out.</summary>
    public bool Greedy { get; init; }

    /// <summary>Divides the logits; above 0. Values under 1 sharpen.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Keeps the k likeliest tokens and their equals; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the likeliest tokens up to this share of probability; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Drops tokens less likely than this share of the likeliest; 0 drops none.</summary>
    public double MinP { get; init; }

    /// <summary>Locally typical sampling: the mass kept around the expected surprise; 1 keeps all.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Drops tokens less likely than this; 0 drops none.</summary>
    public double EpsilonCutoff { get; init; }

    /// <summary>Drops tokens under min(ε, √ε · exp(−entropy)); 0 drops none.</summary>
    public double EtaCutoff { get; init; }

    /// <summary>Makes ids that occurred, prompt included, less likely when above 1.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>No run of this many ids twice; 0 allows all.</summary>
    public int NoRepeatNgram { get; init; }

    /// <summary>Runs of ids that must not be written. An entry that is a stop id alone is ignored.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWords { get; init; } = [];

    /// <summary>No stop id before prompt and answer have this many ids.</summary>
    public int MinLength { get; init; }

    /// <summary>No stop id before the answer has this many ids.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>Log-softmax at the end; changes no draw.</summary>
    public bool Renormalize { get; init; }

    /// <summary>Most ids of an answer.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Ids that end an answer. Null: those that the model's files name.</summary>
    public IReadOnlyList<int>? StopIds { get; init; }

    /// <summary>Texts that end an answer as soon as it contains one; the answer is cut before it. Needs a tokenizer.</summary>
    public IReadOnlyList<string> StopTexts { get; init; } = [];

    internal IReadOnlyList<int> Stops => StopIds ?? [];

    /// <summary>Whether the likeliest id is taken as it is.</summary>
    internal bool IsPlain => Greedy && RepetitionPenalty == 1 && NoRepeatNgram <= 0 && BadWords.Count == 0 && MinLength <= 0 && MinNewTokens <= 0;

    /// <summary>The defaults that a checkpoint's generation_config.json asks for: an unset top_k means 50 there, do_sample false means greedy.</summary>
    public static SamplingOptions Read(ConfigReader json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new()
        {
            Greedy = !json.Flag("do_sample", false),
            Temperature = json.Number("temperature", 1),
            TopK = (int)json.Integer("top_k", 50, min: 0),
            TopP = json.Number("top_p", 1),
            MinP = json.Number("min_p", 0),
            TypicalP = json.Number("typical_p", 1),
            EpsilonCutoff = json.Number("epsilon_cutoff", 0),
            EtaCutoff = json.Number("eta_cutoff", 0),
            RepetitionPenalty = json.Number("repetition_penalty", 1),
            NoRepeatNgram = (int)json.Integer("no_repeat_ngram_size", 0, min: 0),
            BadWords = json.IdLists("bad_words_ids"),
            MinLength = (int)json.Integer("min_length", 0, min: 0),
            MinNewTokens = (int)json.Integer("min_new_tokens", 0, min: 0),
            Renormalize = json.Flag("renormalize_logits", false),
            MaxNewTokens = (int)json.Integer("max_new_tokens", 256),
            StopIds = json.Has("eos_token_id") ? json.Ids("eos_token_id") : null,
        };
    }

    internal SamplingOptions Checked()
    {
        if ((!Greedy && (!(Temperature > 0) || !(TopP is > 0 and <= 1) || TopK < 0)) || !(RepetitionPenalty > 0) || MaxNewTokens < 1)
            throw new ArgumentException($"sampling options are out of range: temperature must be above 0 (or Greedy set), top-p above 0 up to 1, top-k not negative, repetition penalty above 0, at least one new token; found {Temperature}, {TopP}, {TopK}, {RepetitionPenalty}, {MaxNewTokens}.");
        return this;
    }
}
