using System.Globalization;
using TorchSharp;
using Vpo.Models.Tokenizers;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Preprocessing;
using Vpo.Rewards.Sampling;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Rewards.VisionReward;

/// <summary>A clip that VisionReward reads at its first question; its keys and values serve all others.</summary>
internal sealed class AskedVideo((VisionRewardModel Model, ITokenizer Tokenizer) reader, Checklist checklist, string query, VideoClip clip, VisionRewardOptions options) : IAskedClip
{
    private readonly (int Yes, int No)? _ids = Single(reader.Tokenizer, "yes") is { } yes && Single(reader.Tokenizer, "no") is { } no ? (yes, no) : null;
    private VideoPrefix? _video;

    public Task<IReadOnlyList<ChecklistReply>> AskAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken) =>
        Task.Run(() => Ask(questions, cancellationToken), cancellationToken);

    public void Dispose() => _video?.Dispose();

    private IReadOnlyList<ChecklistReply> Ask(IReadOnlyList<int> questions, CancellationToken cancellationToken)
    {
        _video ??= Read();
        cancellationToken.ThrowIfCancellationRequested();
        var first = reader.Model.Answer(_video, [.. questions.Select(q => reader.Tokenizer.Encode(Text(q)))], _ids);
        return first.All(f => f.IsFinite)
            ? [.. first.Select(f => Reply(reader.Tokenizer.Decode([f.Id], skipSpecial: false), f.Chance))]
            : throw new VideoRewardException("the model gave logits that are not finite: check the weights' type (float16 overflows; take bfloat16 or float32)");
    }

    private VideoPrefix Read()
    {
        using var scope = NewDisposeScope();
        var frames = options.Sampling == VisionRewardSampling.OnePerSecond
            ? FrameSampler.OnePerSecond(clip, options.MaxFrames)
            : FrameSampler.Evenly(clip.FrameCount, clip.FramesPerSecond, options.MaxFrames);
        var pixels = VisionRewardFrames.From(clip, frames, reader.Model.Config.Vision.ImageSize, reader.Model.Device);
        return reader.Model.Read(pixels, [.. frames.Select((_, i) => reader.Tokenizer.Encode(i.ToString(CultureInfo.InvariantCulture)))]);
    }

    private string Text(int question)
    {
        var breaks = options.PreserveTrailingNewline && question < checklist.Questions.Count - 1;
        return VideoPrompt.Chat(checklist.Questions[question].Ask(query) + (breaks ? "\n" : ""));
    }

    private ChecklistReply Reply(string text, double? chance) => new(options.ReadAnswer(text), chance, text is "yes" or "no" ? null : text);

    private static int? Single(ITokenizer tokenizer, string word) => tokenizer.Encode(word) is [var id] ? id : null;
}
