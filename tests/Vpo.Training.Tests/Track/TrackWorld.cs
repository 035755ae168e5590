using System.Text.Json;
using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Training.Track;

/// <summary>A world of a hundred queries in which a track takes seconds: a small model that writes prompts and often gets one thing wrong, rewrites, released queries.</summary>
internal static class TrackWorld
{
    private const string Tail = "soft light falls over wide grass while small clouds drift above distant hills and the camera follows slowly from one side keeping every movement clear as long shadows stretch across old stones near tall trees with calm water shining behind them .";

    private static readonly string[] Colors = ["red", "blue", "green", "yellow"], Animals = ["dog", "cat", "horse", "bird"], Verbs = ["runs", "jumps", "sleeps", "swims"], Places = ["outside", "indoors"];

    private static readonly (string Color, string Animal, string Verb, string Place)[] Wishes =
        [.. from c in Colors from a in Animals from v in Verbs from p in Places orderby ContentId.Of(c, a, v, p) select (c, a, v, p)];

    /// <summary>Writes model and data, and gives the options of a track on them.</summary>
    public static TrackOptions Write(string folder)
    {
        var (model, data) = (Path.Combine(folder, "base"), Path.Combine(folder, "data"));
        WriteModel(model);
        WriteData(data);
        return new()
        {
            Model = model,
            Data = data,
            Instruction = "{query}",
            Demonstrations = 16,
            PairQueries = 24,
            MostPairs = 16,
            HeldOut = 12,
            Likelihoods = 6,
            MaxNewTokens = 70,
            Weights = WeightType.Float32,
            Adapter = new() { Rank = 4, Alpha = 8 },
            Supervised = new() { Schedule = new LearningRateSchedule.Cosine(1e-3), BatchSize = 8, CheckpointEvery = 1 },
            Preferences = new() { Schedule = new LearningRateSchedule.Linear(3e-3), BatchSize = 4, Epochs = 2, CheckpointEvery = 2, Loss = new PreferenceLoss.Mix((new PreferenceLoss.Sigmoid(), 1), (new PreferenceLoss.ChosenTokenMean(), 0.5)) },
        };
    }

    private static string QueryOf((string Color, string Animal, string Verb, string Place) w) => $"{w.Color} {w.Animal} {w.Verb} {w.Place}";

    private static string PromptOf((string Color, string Animal, string Verb, string Place) w) => $"a {w.Color} {w.Animal} {w.Verb} {w.Place} . {Tail}";

    private static void WriteData(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "vbench"));
        Directory.CreateDirectory(Path.Combine(folder, "vpo"));
        foreach (var (wishes, name) in Wishes.Take(24).Chunk(8).Zip(["all_category", "all_dimension", "vbench2"]))
        {
            File.WriteAllLines(Path.Combine(folder, "vbench", name + ".txt"), wishes.Select(QueryOf));
            File.WriteAllLines(Path.Combine(folder, "vbench", name + "_gpt.txt"), wishes.Select(PromptOf));
        }
        foreach (var (wishes, name) in Wishes.Skip(24).Chunk(52).Zip(["sft_prompts.json", "dpo_prompts.json"]))
            File.WriteAllText(Path.Combine(folder, "vpo", name), JsonSerializer.Serialize(wishes.Select(QueryOf)));
    }

    private static void WriteModel(string folder)
    {
        string[] special = ["<s>", "</s>", "<sep>", "<unk>"];
        string[] words = [.. special, .. new[] { "a", "." }.Concat(Colors).Concat(Animals).Concat(Verbs).Concat(Places).Concat(Tail.Split(' ')).Distinct()];
        var tokenizer = new WordTokenizer(words, special, "<unk>");
        var config = Tiny.Config with { HiddenSize = 48, IntermediateSize = 96, HeadDim = 24, VocabularySize = words.Length, MaxPositions = 128, InitializerRange = 0.1, BosId = 0, EosIds = [1] };
        using var model = LlamaModel.Initialize(config, seed: 5);
        model.RequireGradients();
        var random = new Random(3);
        T Slip<T>(T right, T[] all) => random.NextDouble() < 0.25 ? all[random.Next(all.Length)] : right;
        var rows = Enumerable.Range(0, 6).SelectMany(_ => Wishes).Select(w =>
        {
            var written = PromptOf((Slip(w.Color, Colors), Slip(w.Animal, Animals), Slip(w.Verb, Verbs), w.Place));
            return new TokenizedExample([0, .. tokenizer.Encode(QueryOf(w)), 2], [.. tokenizer.Encode(written), 1]);
        });
        new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Cosine(1e-2), BatchSize = 16, Seed = 2 }).Train([.. rows]);
        LlamaFolder.Save(folder, model);
        LlamaFolder.SaveTokenizer(folder, tokenizer, new ChatTemplate.Plain("<s>", "<sep>"), "</s>");
    }
}
