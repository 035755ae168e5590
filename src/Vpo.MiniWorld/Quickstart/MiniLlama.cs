using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;
using Vpo.Training;
using Vpo.Training.Optimizers;

namespace Vpo.MiniWorld;

/// <summary>The language model of the mini world: LLaMA with 4 layers of width 128 and a vocabulary of words.</summary>
public static class MiniLlama
{
    private const string Begin = "<s>", Separator = "<sep>", Marker = "generation_config.json";
    private const int Width = 128, Heads = 4, Layers = 4, Inner = 352, Positions = 96, LongestPrompt = 40, Batch = 16, Lanes = 2;
    private const double SftRate = 6e-4, LikelihoodWeight = 2;   // at 1e-3 and 2e-3 SFT learns less, with half the weight DPO breaks sentences (docs/experiments.md)

    /// <summary>Writes a model with a random start as a Hugging Face folder; a folder that is complete is left as it is.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="seed">Same seed: same start.</param>
    public static void WriteBase(string folder, long seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(Path.Combine(folder, Marker)))
            return;
        Directory.CreateDirectory(folder);
        string[] special = [MiniVocabulary.Padding, MiniVocabulary.End, MiniVocabulary.Unknown, Begin, Separator];
        string[] words = [.. special, .. MiniVocabulary.Everything.Except(special)];
        LlamaFolder.SaveTokenizer(folder, new WordTokenizer(words, special, MiniVocabulary.Unknown), new ChatTemplate.Plain(Begin, Separator), MiniVocabulary.End);
        using var model = LlamaModel.Initialize(ConfigFor(words), ContentId.Seed(seed, "mini llama"));
        LlamaFolder.Save(folder, model);   // writes the marker last
    }

    /// <summary>How it learns: SFT with batches of 16 at 6e-4 on a cosine; DPO with β 0.1 at 1e-4 for 3 passes, plus twice the chosen prompts' mean NLL a token.</summary>
    /// <param name="baseFolder">What <see cref="WriteBase"/> wrote.</param>
    /// <param name="sftEpochs">Passes of SFT.</param>
    public static LlamaLearnerOptions LearnerOptions(string baseFolder, int sftEpochs) => new()
    {
        BaseModel = baseFolder,
        Threads = 1,
        OpenOptimizer = Open,
        Supervised = new()
        {
            Schedule = new LearningRateSchedule.Cosine(SftRate, 50),
            Epochs = sftEpochs,
            BatchSize = Batch,
            CheckpointEvery = 200,
            Lanes = Lanes,
        },
        Preferences = new()
        {
            Schedule = new LearningRateSchedule.Linear(1e-4, 0.1),
            Epochs = 3,
            BatchSize = Batch,
            Loss = new PreferenceLoss.Mix((new PreferenceLoss.Sigmoid(0.1), 1), (new PreferenceLoss.ChosenTokenMean(0.1), LikelihoodWeight)),
            CheckpointEvery = 50,
            Lanes = Lanes,
        },
    };

    /// <summary>Opens a trained folder. Queries in words of other worlds are refused with a message that lists what is known.</summary>
    public static IPromptOptimizer Open(string folder) => new MiniWorldOptimizer(OpenModel(folder));

    /// <summary>The baseline "autoprompt-style": the fine-tuned model with the trigger words that are found for it, none of them unsafe, since each query gets them.</summary>
    internal static async Task<IPromptOptimizer> OpenWithTriggersAsync(FineTunedStart start, TriggerSearchOptions search, CancellationToken cancellationToken)
    {
        var found = await TriggerWords.FindAsync(start, search with { Threads = 1 }, word => !Lexicon.UnsafeWords.Contains(word), cancellationToken).ConfigureAwait(false);
        return new MiniWorldOptimizer(Baselines.AutoPromptStyle(OpenModel(start.ModelFolder), found.Words));
    }

    private static Models.Optimization.LlamaPromptOptimizer OpenModel(string folder) => Models.Optimization.LlamaPromptOptimizer.Open(folder, new()
    {
        MaxBatch = 128,
        Sampling = new() { Temperature = 0.7, TopP = 1, MaxNewTokens = LongestPrompt },
    });

    private static LlamaConfig ConfigFor(string[] words) => new()
    {
        HiddenSize = Width,
        IntermediateSize = Inner,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = Heads,
        HeadDim = Width / Heads,
        VocabularySize = words.Length,
        MaxPositions = Positions,
        PadId = Array.IndexOf(words, MiniVocabulary.Padding),
        BosId = Array.IndexOf(words, Begin),
        EosIds = [Array.IndexOf(words, MiniVocabulary.End)],
    };
}
