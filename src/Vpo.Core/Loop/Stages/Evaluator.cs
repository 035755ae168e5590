using System.Globalization;
using Vpo.Statistics;

namespace Vpo.Stages;

/// <summary>One method's figures with what is behind them.</summary>
internal sealed record Measured(EvaluationRow Row, EvaluationRow? Transfer, IReadOnlyDictionary<string, double> QueryScores, IReadOnlyList<KeptClip> Clips);

/// <summary>Evaluates methods on the held-out queries: the same queries, seeds and noise for all of them.</summary>
internal sealed class Evaluator(StageContext context, VpoParts parts, IReadOnlyList<Query> queries)
{
    private readonly List<Measured> _results = [];

    internal IReadOnlyList<Measured> Results => _results;

    /// <summary>Adds a method's row.</summary>
    /// <param name="method">Its name in the table.</param>
    /// <param name="writer">Who writes the prompts.</param>
    /// <param name="watch">Ask the training judge too, to see whether it is being fooled.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task<Measured> AddAsync(string method, Writer writer, bool watch, CancellationToken cancellationToken)
    {
        var (options, folder) = (context.Options, $"evaluation/{method}");
        var asked = new PromptOptions { Temperature = options.EvaluationTemperature, TopP = options.EvaluationTopP, Seed = context.Seed("evaluation") };
        var prompts = await PromptStage.RunAsync(context, $"{folder}/prompts.jsonl", writer, queries, asked, cancellationToken).ConfigureAwait(false);
        var verdicts = await VerdictStage.RunAsync(context, $"{folder}/verdicts.jsonl", new(parts.EvaluationJudge, Refine: false), prompts, cancellationToken).ConfigureAwait(false);
        var row = Summary.OfVerdicts(method, verdicts);
        if (watch)
        {
            var training = await VerdictStage.RunAsync(context, $"{folder}/training-verdicts.jsonl", new(parts.Judge, Refine: false), prompts, cancellationToken).ConfigureAwait(false);
            row = row with { Disagreement = Summary.Disagreement(verdicts, training) };
        }
        var rewards = await RewardStage.RunAsync(context, $"{folder}/rewards.jsonl", (parts.Generator, parts.Reward), Shots(prompts, $"{folder}/clips"), cancellationToken).ConfigureAwait(false);
        var transfer = parts.TransferGenerator is { } second
            ? await RewardStage.RunAsync(context, $"{folder}/transfer-rewards.jsonl", (second, parts.Reward), Shots(prompts, null), cancellationToken).ConfigureAwait(false)
            : null;
        var measured = new Measured(
            Summary.WithRewards(row, rewards, Resampling("reward")),
            transfer is null ? null : Summary.WithRewards(row, transfer, Resampling("transfer")),
            Summary.QueryScores(rewards),
            [.. rewards.Where(r => r.Clip is not null).Select(r => new KeptClip(method, r.Query, r.Prompt, r.Score?.Score, r.Clip!))]);
        _results.Add(measured);
        return measured;
    }

    /// <summary>The later method's scores less the earlier one's, query by query.</summary>
    internal MethodDifference? Difference(Measured from, Measured to)
    {
        List<string> both = [.. from.QueryScores.Keys.Where(to.QueryScores.ContainsKey).Order(StringComparer.Ordinal)];
        return both.Count == 0
            ? null
            : new(from.Row.Method, to.Row.Method, Bootstrap.PairedDifference([.. both.Select(q => from.QueryScores[q])], [.. both.Select(q => to.QueryScores[q])], Resampling("difference")));
    }

    private BootstrapOptions Resampling(string purpose) => new() { Seed = context.Seed("bootstrap", purpose) };

    private List<Shot> Shots(IReadOnlyList<PromptRecord> prompts, string? clips) =>
    [
        .. prompts.Take(context.Options.EvaluationVideos ?? int.MaxValue).SelectMany((p, index) => Enumerable.Range(0, context.Options.ClipsPerQuery).Select(clip => new Shot(
            p.Query,
            p.Prompts[0],
            context.Seed("evaluation-video", p.Query, clip.ToString(CultureInfo.InvariantCulture)),
            clip == 0 && index < context.Options.KeptClips ? clips : null))),
    ];
}
