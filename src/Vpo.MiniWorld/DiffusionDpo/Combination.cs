using Vpo.Statistics;
using Vpo.Storage;
using Vpo.Training;
using Vpo.Video.CogVideoX;

namespace Vpo.MiniWorld;

/// <summary>
/// The combination of VPO and Diffusion-DPO in the mini world: the generator alone, with prompts by VPO, trained by Diffusion-DPO, and with both. VPO and Diffusion-DPO are
/// trained apart, on training queries; all four are scored on the same held-out queries with the same noise.
/// </summary>
/// <param name="options">Null: the defaults.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
public sealed class Combination(CombinationOptions? options = null, TimeProvider? time = null)
{
    /// <summary>The file in a run folder that holds the <see cref="CombinationResult"/>.</summary>
    public const string ResultFile = "combination.json";

    private const string Plain = "generator", Vpo = "generator + VPO", Dpo = "generator + Diffusion-DPO", Both = "generator + VPO + Diffusion-DPO";
    private const double Temperature = 0.7;
    private const int Chunk = 128;

    private readonly CombinationOptions _options = options ?? new();

    /// <summary>Runs it, or what is left of it.</summary>
    /// <param name="folder">Gets the optimizer's run in "quickstart", the pairs, the generator's run in "diffusion-dpo" and the result.</param>
    /// <param name="progress">Hears of every chunk and training step; may be null.</param>
    /// <param name="cancellationToken">Ends the run between two steps.</param>
    public async Task<CombinationResult> RunAsync(string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var quickstart = Path.Combine(folder, "quickstart");
        await new Quickstart(_options.Quickstart, time).RunAsync(quickstart, progress, cancellationToken).ConfigureAwait(false);
        using var plain = (CogVideoXGenerator)MiniGenerator.OpenShipped(_options.Quickstart.CacheFolder);
        var adapter = await TrainAsync(plain, folder, progress, cancellationToken).ConfigureAwait(false);
        using var tuned = (CogVideoXGenerator)MiniGenerator.OpenShipped(_options.Quickstart.CacheFolder);
        CogVideoXLora.Open(tuned.Pipeline.Transformer, adapter).Fuse();
        using var optimizer = Quickstart.OpenOptimizer(quickstart);
        var queries = MiniQueries.Draw(_options.Quickstart.EvaluationQueries, QuerySplit.HeldOut, Seed("evaluation"));
        string[] raw = [.. queries.Select(query => query.Text)];
        var asked = new PromptOptions { Temperature = Temperature, TopP = 1, Seed = Seed("prompts") };
        string[] written = [.. (await optimizer.OptimizeManyAsync(raw, asked, cancellationToken).ConfigureAwait(false)).Select(prompt => prompt.Text)];
        var scored = new List<Scored>();
        foreach (var (method, generator, prompts) in new[] { (Plain, plain, raw), (Vpo, plain, written), (Dpo, tuned, raw), (Both, tuned, written) })
            scored.Add(await ScoreAsync(method, generator, (raw, prompts), progress, cancellationToken).ConfigureAwait(false));
        var result = Table(scored);
        result.Write(Path.Combine(folder, ResultFile));
        return result;
    }

    /// <summary>Pairs of the generator's own clips, then the adapter; returns its folder.</summary>
    private async Task<string> TrainAsync(CogVideoXGenerator generator, string folder, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        using var teacher = new FewShotTeacher(_options.Quickstart.Noise, Seed("teacher"));
        var queries = MiniQueries.Draw(_options.PairQueries, QuerySplit.Train, Seed("pairs")).Select(query => query.Text).ToList();
        var written = await teacher.OptimizeManyAsync(queries, null, cancellationToken).ConfigureAwait(false);
        List<RewardedPrompt> prompts = [.. queries.Zip(written, (query, prompt) => new[] { new RewardedPrompt(query, query), new RewardedPrompt(query, prompt.Text) }).SelectMany(both => both)];
        using var reward = new PixelChecklist();
        var maker = new LatentPairMaker(generator, reward, new() { Candidates = _options.Candidates, Seed = Seed("candidates") });
        using var pairs = DiffusionPairs.Open(await maker.MakeAsync(prompts, Path.Combine(folder, "pairs"), progress, cancellationToken).ConfigureAwait(false));
        var run = Path.Combine(folder, "diffusion-dpo");
        var relay = progress is null ? null : new Relay(progress);
        await Task.Factory.StartNew(
            () => new GeneratorDpo(_options.Training).Run(ShippedGenerators.Unpack(ShippedGenerators.First, _options.Quickstart.CacheFolder), pairs,
                new() { Folder = run, Progress = relay, CancellationToken = cancellationToken, Clock = time ?? TimeProvider.System }),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        return Path.Combine(run, GeneratorDpo.LoraFolder);
    }

    private async Task<Scored> ScoreAsync(
        string method, IBatchVideoGenerator generator, (string[] Queries, string[] Prompts) texts, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        using var reward = new PixelChecklist();
        var scores = new List<VideoScore>();
        foreach (var rows in Enumerable.Range(0, texts.Queries.Length).Chunk(Chunk))
        {
            var clips = await generator.GenerateBatchAsync(
                [.. rows.Select(i => new VideoRequest(texts.Prompts[i]) { Seed = Seed("evaluation video " + texts.Queries[i]) })], null, null, cancellationToken).ConfigureAwait(false);
            scores.AddRange(await rows.SelectManyAtOnceAsync((i, ct) => reward.ScoreAsync(texts.Queries[i], texts.Prompts[i], clips[i - rows[0]], ct), cancellationToken).ConfigureAwait(false));
            progress?.Report(new(method, scores.Count, texts.Queries.Length, null));
        }
        return new(method, [.. scores.Select(s => s.Score)], Detailed(scores));
    }

    private static double Detailed(List<VideoScore> scores)
    {
        var answers = scores.SelectMany(s => s.Answers).Where(a => a.Dimension == "alignment" && a.Answer != Answer.Unknown).ToList();
        return answers.Count == 0 ? 0 : answers.Count(a => a.Answer == Answer.Yes) / (double)answers.Count;
    }

    private CombinationResult Table(List<Scored> scored)
    {
        var resampling = new BootstrapOptions { Seed = Seed("bootstrap") };
        double[] Of(string method) => scored.First(s => s.Method == method).Scores;
        MethodDifference Between(string from, string to) => new(from, to, Bootstrap.PairedDifference(Of(from), Of(to), resampling));
        return new(
            [.. scored.Select(s => new CombinationRow(s.Method, Bootstrap.Mean(s.Scores, resampling), s.Detailed))],
            [Between(Plain, Dpo), Between(Plain, Vpo), Between(Vpo, Both), Between(Dpo, Both)]);
    }

    private int Seed(string purpose) => ContentId.Seed(_options.Quickstart.Seed, "combination", purpose);

    private sealed record Scored(string Method, double[] Scores, double Detailed);

    private sealed class Relay(IProgress<StageProgress> inner) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => inner.Report(new("diffusion-dpo", value.Point.Step, value.TotalSteps, value.TimeLeft));
    }
}
