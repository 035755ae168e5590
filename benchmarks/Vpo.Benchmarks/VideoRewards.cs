using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;
using Vpo.Rewards.VisionReward;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>What questions cost VisionReward once a video is read: a model of the published one's proportions, 7 frames, the real questions (from ../shared/data, or VPO_DATA).</summary>
internal static class VideoRewards
{
    private const int Frames = 7, Repeats = 3;

    /// <summary>
    /// Layers, widths and vocabulary in the published ratios: an eighth of the widths, a quarter of the layers. Everything else, 257 patches, 66 tokens a frame, heads of keys, is as published.
    /// </summary>
    private static readonly VisionRewardConfig Small = new()
    {
        Vision = new(224, 16, 2, 1920, 224, 14, 1e-6),
        Width = 512,
        Layers = 8,
        Heads = 8,
        KeyValueHeads = 2,
        Intermediate = 1792,
        Vocabulary = 16032,
        BeginId = 1,
        PlaceholderId = 2,
    };

    public static void Show()
    {
        var data = Environment.GetEnvironmentVariable("VPO_DATA") ?? Path.Combine("..", "shared", "data");
        if (!Directory.Exists(Path.Combine(data, "visionreward")))
        {
            Console.WriteLine($"rewards: needs the published questions in '{data}' (set VPO_DATA)");
            return;
        }
        var checklist = VisionRewardChecklist.Load(Path.Combine(data, "visionreward"));
        var tokenizer = Tiktoken.OpenLlama3(Path.Combine(data, "llama3", "tokenizer.model"));
        // Ids folded into the small vocabulary: equal beginnings stay equal.
        int[][] questions = [.. checklist.Questions.Select(q => tokenizer.Encode(VideoPrompt.Chat(q.Ask("a cute dog on the grass") + "\n")).Select(id => id % (int)Small.Vocabulary).ToArray())];
        int[][] selected = [.. questions.Where((_, i) => checklist.Questions[i].Selected)];
        foreach (var type in new[] { float32, bfloat16 })
            Show(type, questions, selected);
    }

    private static void Show(ScalarType type, int[][] questions, int[][] selected)
    {
        using var model = Weights.Initialize(1, type, CPU, w => new VisionRewardModel(Small, w, RopeMode.Exact));
        using var pixels = randn(Frames, 3, 224, 224, generator: new Generator(1)).to(type);
        double Cost(int[][] asked) => Stopwatches.Best(() => Run(model, pixels, asked), Repeats);
        var (one, some, all) = (Cost(questions[..1]), Cost(selected), Cost(questions));
        Console.WriteLine($"VisionReward's proportions, {Frames} frames, {type}: read and one question {one:N2} s; the {selected.Length} selected {some / one:N2}x (at most 1.4); all {questions.Length} {all / one:N2}x (at most 1.8)");
        Console.WriteLine($"  tokens: {questions.Sum(q => q.Length)} in {questions.Length} questions, {Distinct(questions)} after equal beginnings are joined; {Distinct(selected)} in the selected");
        var usual = Stopwatches.Best(() => { foreach (var q in selected[..2]) Run(model, pixels, [q]); }, 1) / 2 * questions.Length;
        Console.WriteLine($"  the published script's way, everything again for each question: {usual / one:N1}x for {questions.Length}");
        Console.WriteLine($"  peak of memory above the model and the video: {Peak(model, pixels, questions):N1} MiB for {questions.Length} questions, {Peak(model, pixels, [.. Enumerable.Repeat(questions, 8).SelectMany(q => q)]):N1} MiB for {8 * questions.Length}");
    }

    private static void Run(VisionRewardModel model, Tensor pixels, int[][] questions)
    {
        using var scope = NewDisposeScope();
        using var video = Read(model, pixels);
        model.Answer(video, questions, (1, 2));
    }

    private static VideoPrefix Read(VisionRewardModel model, Tensor pixels) => model.Read(pixels, [.. Enumerable.Range(0, Frames).Select(i => new[] { 15 + i })]);

    private static double Peak(VisionRewardModel model, Tensor pixels, int[][] questions)
    {
        using var scope = NewDisposeScope();
        using var video = Read(model, pixels);
        model.Answer(video, questions[..4], (1, 2));
        var before = Machine.ResetPeak();
        model.Answer(video, questions, (1, 2));
        return (Machine.Peak() - before) / (1 << 20);
    }

    private static int Distinct(int[][] questions)
    {
        var beginnings = new HashSet<string>();
        foreach (var question in questions)
        {
            for (var n = 1; n <= question.Length; n++)
                beginnings.Add(string.Join(',', question.Take(n)));
        }
        return beginnings.Count;
    }
}
