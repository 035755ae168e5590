using System.Globalization;
using Vpo.Stages;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo;

/// <summary>The same queries through several optimizers and several video models: does what was trained for one help on the others?</summary>
/// <remarks>Every figure uses the same queries and the same seeds. A run that was stopped goes on where it was; one run a folder at a time.</remarks>
/// <param name="methods">Optimizers under the names of their rows; the row "original", the queries as they are, is always there.</param>
/// <param name="generators">Video models under the names of their columns.</param>
/// <param name="reward">Scores the clips. None of the three is disposed.</param>
public sealed class CrossModel(IReadOnlyList<(string Name, IPromptOptimizer Optimizer)> methods, IReadOnlyList<(string Name, IVideoGenerator Generator)> generators, IVideoReward reward)
{
    /// <summary>The row that all others are compared with.</summary>
    public const string Original = "original";

    private readonly GuardedReward _reward = new(reward);

    /// <summary>Of prompts, clips and intervals.</summary>
    public long Seed { get; init; }

    /// <summary>Temperature of the prompts; default 0.7.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>How videos are generated; null takes each model's defaults.</summary>
    public VideoOptions? Video { get; init; }

    /// <summary>Clips in memory at once; part of what determines a batching model's results. Default 8.</summary>
    public int ChunkSize { get; init; } = 8;

    /// <summary>Runs what is left of it.</summary>
    /// <param name="queries">At least one.</param>
    /// <param name="folder">Gets a folder for each method with prompts.jsonl, and in it one for each model with rewards.jsonl; and cross.json.</param>
    /// <param name="progress">Hears of every chunk; may be null.</param>
    /// <param name="cancellationToken">Ends the run between two chunks; what is done stays done.</param>
    /// <exception cref="ArgumentException">No query, no model, or a name that is used twice or is no name of a folder.</exception>
    /// <exception cref="InvalidDataException">The folder holds a run with other settings or queries.</exception>
    public async Task<CrossModelResult> RunAsync(IReadOnlyList<Query> queries, string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (queries.Count == 0 || generators.Count == 0)
            throw new ArgumentException("expected at least one query and one video model", queries.Count == 0 ? nameof(queries) : nameof(generators));
        CheckNames([Original, .. methods.Select(m => m.Name)]);
        CheckNames([.. generators.Select(g => g.Name)]);
        var settings = string.Create(CultureInfo.InvariantCulture, $"seed {Seed}, temperature {Temperature}, {Video}, chunks of {ChunkSize}");
        using var alone = RunCard.Lock(folder);
        new RunCard(settings, ContentId.Of([.. queries.Select(q => q.Id)])).Claim(folder);
        var context = new StageContext(folder, new() { Seed = Seed, ChunkSize = ChunkSize, Video = Video }, TimeProvider.System, progress);
        var (cells, original) = (new List<CrossModelCell>(), new Dictionary<string, IReadOnlyDictionary<string, double>>());
        foreach (var (method, optimizer) in methods.Prepend((Original, new RawQuery())))
        {
            var asked = new PromptOptions { Temperature = Temperature, Seed = context.Seed("prompts") };
            var prompts = await PromptStage.RunAsync(context, $"{method}/prompts.jsonl", new(method, optimizer), queries, asked, cancellationToken).ConfigureAwait(false);
            List<Shot> shots = [.. prompts.Select(p => new Shot(p.Query, p.Prompts[0], context.Seed("video", p.Query)))];
            foreach (var (name, generator) in generators)
            {
                var rewards = await RewardStage.RunAsync(context, $"{method}/{name}/rewards.jsonl", (generator, _reward), shots, cancellationToken).ConfigureAwait(false);
                var scores = Summary.QueryScores(rewards);
                original.TryAdd(name, scores);
                cells.Add(Cell(method, name, scores, original[name]) with { Unscored = rewards.Count(r => r.Score is null) });
            }
        }
        var result = new CrossModelResult { Cells = cells, Seed = Seed };
        result.Write(Path.Combine(folder, CrossModelResult.FileName));
        return result;
    }

    private CrossModelCell Cell(string method, string generator, IReadOnlyDictionary<string, double> scores, IReadOnlyDictionary<string, double> original)
    {
        var resampling = new BootstrapOptions { Seed = ContentId.Seed(Seed, "bootstrap") };
        List<string> both = [.. scores.Keys.Where(original.ContainsKey).Order(StringComparer.Ordinal)];
        return new(method, generator)
        {
            VideoReward = scores.Count == 0 ? null : Bootstrap.Mean([.. scores.Values], resampling),
            Gain = method == Original || both.Count == 0 ? null : Bootstrap.PairedDifference([.. both.Select(q => original[q])], [.. both.Select(q => scores[q])], resampling),
        };
    }

    private static void CheckNames(List<string> names)
    {
        foreach (var (name, count) in names.CountBy(name => name))
        {
            if (count > 1 || name.Length == 0 || name.StartsWith('.') || name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
                throw new ArgumentException($"expected different names that can be names of folders, found '{name}'{(count > 1 ? " twice" : "")}");
        }
    }
}
