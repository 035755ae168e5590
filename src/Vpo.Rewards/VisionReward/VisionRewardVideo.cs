using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Rewards.VisionReward;

/// <summary>VisionReward-Video as a reward: reads a clip once, then asks it a checklist.</summary>
/// <remarks>Alignment is asked about the user's own words, as in VPO's code. Safe for concurrent calls; each holds one video's keys and values, a group those of its clips.</remarks>
/// <param name="model">The model; disposed with this.</param>
/// <param name="tokenizer">LLaMA-3's.</param>
/// <param name="checklist">What to ask, see <see cref="VisionRewardChecklist"/>.</param>
/// <param name="options">How to ask; defaults if null.</param>
public sealed class VisionRewardVideo(VisionRewardModel model, ITokenizer tokenizer, Checklist checklist, VisionRewardOptions? options = null) : IGroupVideoReward
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
    public async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        using var asked = Ask(query, clip);
        var replies = await asked.AskAsync([.. Enumerable.Range(0, checklist.Questions.Count)], cancellationToken).ConfigureAwait(false);
        return _options.Scoring.Score(checklist, replies, RewardId);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default) =>
        new ChecklistGroup(checklist, _options.Scoring, pairs).RunAsync(samples, s => Ask(query, s.Clip), _options.LazyBatch, RewardId, cancellationToken);

    /// <summary>Disposes the model.</summary>
    public void Dispose() => model.Dispose();

    private string RewardId => $"visionreward/{checklist.Id}/{_options.Scoring.Scale}/{_options.Sampling}";

    private AskedVideo Ask(string query, VideoClip clip) => new((model, tokenizer), checklist, query, clip, _options);
}
