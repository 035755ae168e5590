using System.Globalization;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Preprocessing;
using Vpo.Rewards.Sampling;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Rewards.VisionReward;

/// <summary>VisionReward-Video as a reward: reads a clip once, then asks it a checklist.</summary>
/// <remarks>Alignment is asked about the user's own words, as in VPO's code. Safe for concurrent calls; each holds one video's keys and values.</remarks>
/// <param name="model">The model; disposed with this.</param>
/// <param name="tokenizer">LLaMA-3's.</param>
/// <param name="checklist">What to ask, see <see cref="VisionRewardChecklist"/>.</param>
/// <param name="options">How to ask; defaults if null.</param>
public sealed class VisionRewardVideo(VisionRewardModel model, ITokenizer tokenizer, Checklist checklist, VisionRewardOptions? options = null) : IVideoReward
{
    private readonly VisionRewardOptions _options = options ?? new();

    /// <summary>Opens a folder with config.json, the shards and a tokenizer (tokenizer.json or LLaMA-3's tokenizer.model).</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="checklist">What to ask.</param>
    /// <param name="options">How to ask; defaults if null.</param>
    /// <param name="type">Type of the parameters; null keeps what is on disk.</param>
    public static VisionRewardVideo Open(string folder, Checklist checklist, VisionRewardOptions? options = null, ScalarType? type = null)
    {
        var config = VisionRewardConfig.Open(Path.Combine(folder, "config.json"));
        var json = Path.Combine(folder, "tokenizer.json");
        var tokenizer = File.Exists(json) ? TokenizerJson.Open(json) : Tiktoken.OpenLlama3(Path.Combine(folder, "tokenizer.model"));
        using var checkpoint = CheckpointFolder.Open(folder);
        return new(VisionRewardModel.Load(config, checkpoint, type, options?.Device), tokenizer, checklist, options);
    }

    /// <inheritdoc/>
    public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        var answers = Answers(query, clip, cancellationToken);
        return _options.Scoring.Score(checklist, answers, $"visionreward/{checklist.Id}/{_options.Scoring.Scale}/{_options.Sampling}");
    }, cancellationToken);

    /// <summary>Disposes the model.</summary>
    public void Dispose() => model.Dispose();

    private Answer[] Answers(string query, VideoClip clip, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var frames = _options.Sampling == VisionRewardSampling.OnePerSecond
            ? FrameSampler.OnePerSecond(clip, _options.MaxFrames)
            : FrameSampler.Evenly(clip.FrameCount, clip.FramesPerSecond, _options.MaxFrames);
        var pixels = VisionRewardFrames.From(clip, frames, model.Config.Vision.ImageSize, model.Device);
        using var video = model.Read(pixels, [.. frames.Select((_, i) => tokenizer.Encode(i.ToString(CultureInfo.InvariantCulture)))]);
        cancellationToken.ThrowIfCancellationRequested();
        var first = model.Ask(video, Questions(query));
        if (!first.isfinite().all().item<bool>())
            throw new VideoRewardException("the model gave logits that are not finite: check the weights' type (float16 overflows; take bfloat16 or float32)");
        return [.. first.argmax(-1).cpu().data<long>().ToArray().Select(id => _options.ReadAnswer(tokenizer.Decode([(int)id], skipSpecial: false)))];
    }

    private IReadOnlyList<int>[] Questions(string query)
    {
        var last = checklist.Questions.Count - 1;
        return [.. checklist.Questions.Select((q, i) => tokenizer.Encode(VideoPrompt.Chat(q.Ask(query) + (_options.PreserveTrailingNewline && i < last ? "\n" : ""))))];
    }
}
