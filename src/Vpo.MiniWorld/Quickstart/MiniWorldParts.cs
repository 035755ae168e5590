using Vpo.Training;

namespace Vpo.MiniWorld;

/// <summary>The parts of a quickstart, to be used as they are or with some exchanged.</summary>
/// <param name="Parts">The parts of the loop.</param>
/// <param name="Queries">Its queries.</param>
public sealed record MiniWorldParts(VpoParts Parts, LoopQueries Queries) : IDisposable
{
    // Three new prompts a round: 13 videos a query at most, the query's own included.
    private const int EvolutionRounds = 3;
    private const double EarlyRecall = 0.7, LaterRecall = 0.9, UnsafeInPreferences = 0.2;

    /// <summary>Makes the parts: noisy teacher, training and evaluation judge, generator, pixel checklist, and a mini LLaMA that learns.</summary>
    /// <param name="options">Sizes, seed and which rows.</param>
    /// <param name="baseFolder">Gets the untrained LLaMA, unless it is there.</param>
    /// <param name="generatorFolder">A generator trained before; null takes the shipped one.</param>
    public static MiniWorldParts Create(QuickstartOptions options, string baseFolder, string? generatorFolder = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var queries = QueriesFor(options);
        MiniLlama.WriteBase(baseFolder, options.Seed);
        var parts = new VpoParts
        {
            Teacher = new FewShotTeacher(options.Noise, options.Seed),
            Judge = new StagedJudge(new MiniJudge(EarlyRecall, options.Seed), new MiniJudge(LaterRecall, options.Seed), queries.Sft.Select(query => query.Text).ToHashSet()),
            EvaluationJudge = MiniJudge.Exact(),
            Generator = generatorFolder is null ? MiniGenerator.OpenShipped(options.CacheFolder) : MiniGenerator.Open(generatorFolder),
            Reward = new PixelChecklist(),
            Learner = new LlamaPreferenceLearner(MiniLlama.LearnerOptions(baseFolder, options.SftEpochs)),
            TransferGenerator = options.Transfer ? MiniGenerator.OpenSecond(options.CacheFolder) : null,
            CleanTeacher = options.Controls ? new FewShotTeacher(TeacherNoise.None, options.Seed) : null,
        };
        return new(options.Baselines ? parts with { Baselines = BaselinesOf(options, parts), FineTunedBaselines = FineTunedBaselines } : parts, queries);
    }

    private static IReadOnlyList<(string, IPromptOptimizer)> BaselinesOf(QuickstartOptions options, VpoParts parts) =>
    [
        (Baselines.PromptistStyleName, Baselines.PromptistStyle()),
        (Baselines.PromptAVideoStyleName, Baselines.PromptAVideoStyle(new FewShotTeacher(options.Noise, options.Seed), parts.Generator, parts.Reward, new() { Rounds = EvolutionRounds })),
    ];

    private static IReadOnlyList<(string, Func<FineTunedStart, CancellationToken, Task<IPromptOptimizer>>)> FineTunedBaselines { get; } =
        [(Baselines.AutoPromptStyleName, (start, cancellationToken) => MiniLlama.OpenWithTriggersAsync(start, new(), cancellationToken))];

    /// <summary>Disposes all parts.</summary>
    public void Dispose()
    {
        foreach (var part in (IDisposable?[])[Parts.Teacher, Parts.Judge, Parts.EvaluationJudge, Parts.Generator, Parts.Reward, Parts.Learner, Parts.TransferGenerator, Parts.CleanTeacher, .. Parts.Baselines.Select(b => b.Optimizer)])
            part?.Dispose();
    }

    private static LoopQueries QueriesFor(QuickstartOptions options)
    {
        var sft = MiniQueries.Draw(options.SftQueries, QuerySplit.Train, ContentId.Seed(options.Seed, "sft"));
        var taken = sft.Select(query => query.Text).ToHashSet(StringComparer.Ordinal);
        var more = MiniQueries.Draw(options.PreferenceQueries + options.SftQueries, QuerySplit.Train, ContentId.Seed(options.Seed, "preference"), UnsafeInPreferences);
        return new(
            sft,
            [.. more.Where(query => !taken.Contains(query.Text)).Take(options.PreferenceQueries)],
            MiniQueries.Draw(options.EvaluationQueries, QuerySplit.HeldOut, ContentId.Seed(options.Seed, "evaluation")));
    }
}
