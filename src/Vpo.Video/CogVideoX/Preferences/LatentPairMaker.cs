using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>A wish with the prompt that a clip is made from; they are the same where no optimizer is in between.</summary>
/// <param name="Query">What the reward judges by.</param>
/// <param name="Prompt">What the generator reads.</param>
public readonly record struct RewardedPrompt(string Query, string Prompt);

/// <summary>How pairs for Diffusion-DPO are sampled.</summary>
public sealed record LatentPairOptions
{
    /// <summary>Clips of each prompt, of which the best and the worst become the pair; at least 2.</summary>
    public int Candidates { get; init; } = 4;

    /// <summary>Prompts whose best and worst score differ by no more than this give no pair.</summary>
    public double LeastGap { get; init; }

    /// <summary>Of the clips' noise.</summary>
    public long Seed { get; init; }

    /// <summary>Prompts of one file: what is lost when the program is ended.</summary>
    public int ChunkSize { get; init; } = 32;

    /// <summary>Size, steps and guidance of the clips; null: the generator's own.</summary>
    public VideoOptions? Video { get; init; }
}

/// <summary>
/// Makes preference pairs out of a generator's own clips: several of each prompt, scored by a reward, best against worst. The latents that the clips were decoded from are
/// kept, so nothing has to be encoded for training.
/// </summary>
/// <param name="generator">Makes the clips.</param>
/// <param name="reward">Scores them.</param>
/// <param name="options">Null: the defaults.</param>
public sealed class LatentPairMaker(CogVideoXGenerator generator, IVideoReward reward, LatentPairOptions? options = null)
{
    private readonly LatentPairOptions _options = options ?? new();

    /// <summary>Makes what is not there yet.</summary>
    /// <param name="prompts">In the order of the files.</param>
    /// <param name="folder">Gets a file for each chunk of prompts; files that are there are kept as they are.</param>
    /// <param name="progress">Hears of every chunk.</param>
    /// <param name="cancellationToken">Ends the work within a denoising step.</param>
    /// <returns>Paths of all files.</returns>
    public async Task<IReadOnlyList<string>> MakeAsync(
        IReadOnlyList<RewardedPrompt> prompts, string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Candidates, 2, nameof(LatentPairOptions.Candidates));
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        foreach (var chunk in prompts.Chunk(_options.ChunkSize))
        {
            var path = Path.Combine(folder, LatentPairFile.NameOf(files.Count));
            if (!File.Exists(path))
                await MakeChunkAsync(chunk, path, cancellationToken).ConfigureAwait(false);
            files.Add(path);
            progress?.Report(new("pairs", Math.Min(files.Count * _options.ChunkSize, prompts.Count), prompts.Count, null));
        }
        return files;
    }

    private async Task MakeChunkAsync(IReadOnlyList<RewardedPrompt> chunk, string path, CancellationToken cancellationToken)
    {
        string Number(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var requests = chunk.SelectMany(p => Enumerable.Range(0, _options.Candidates).Select(i =>
            new VideoRequest(p.Prompt) { Seed = ContentId.Seed(_options.Seed, "candidate", p.Prompt, Number(i)) })).ToList();
        var (latents, clips) = await generator.SampleAsync(requests, _options.Video, cancellationToken).ConfigureAwait(false);
        using (latents)
        {
            var scores = await Enumerable.Range(0, clips.Count).ToArray().SelectManyAtOnceAsync(
                (i, ct) => ScoreAsync(chunk[i / _options.Candidates], clips[i], ct), cancellationToken).ConfigureAwait(false);
            Write(path, chunk, latents, scores);
        }
    }

    /// <summary>NaN where the clip can't be scored.</summary>
    private async Task<double> ScoreAsync(RewardedPrompt asked, VideoClip clip, CancellationToken cancellationToken)
    {
        try
        {
            return (await reward.ScoreAsync(asked.Query, asked.Prompt, clip, cancellationToken).ConfigureAwait(false)).Score;
        }
        catch (VideoRewardException)
        {
            return double.NaN;
        }
    }

    private void Write(string path, IReadOnlyList<RewardedPrompt> chunk, Tensor latents, IReadOnlyList<double> scores)
    {
        using var scope = NewDisposeScope();
        var pairs = new List<(Tensor, Tensor, long, float)>();
        for (var p = 0; p < chunk.Count; p++)
        {
            var scored = Enumerable.Range(p * _options.Candidates, _options.Candidates).Where(i => double.IsFinite(scores[i])).OrderByDescending(i => scores[i]).ToList();
            if (scored.Count > 1 && scores[scored[0]] - scores[scored[^1]] > _options.LeastGap)
                pairs.Add((latents.select(0, scored[0]), latents.select(0, scored[^1]), p, 1));
        }
        LatentPairFile.Write(path, pairs, generator.Pipeline.Embed([.. chunk.Select(p => p.Prompt)]));
    }
}
