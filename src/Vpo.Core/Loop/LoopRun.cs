using Vpo.Stages;

namespace Vpo;

/// <summary>One run in progress: its steps, and what they found.</summary>
internal sealed class LoopRun(StageContext context, VpoParts parts, Lessons lessons, Evaluator evaluator)
{
    private readonly List<MethodDifference> _differences = [];
    private readonly Dictionary<string, PairCounts> _pairs = [];
    private readonly List<Measured> _usable = [];
    private Measured? _original, _last;

    internal string? StopReason { get; private set; }

    /// <summary>A row of a method that is not trained here.</summary>
    internal async Task EvaluateAsync(string method, Writer writer, CancellationToken cancellationToken)
    {
        Compare(await evaluator.AddAsync(method, writer, watch: false, cancellationToken).ConfigureAwait(false));
        _original ??= _last;
    }

    /// <summary>A row of a method to compare with: its difference is to the queries as they are, and nothing else is compared with it.</summary>
    internal Task BaselineAsync(string method, IPromptOptimizer optimizer, CancellationToken cancellationToken) =>
        SideRowAsync(_original!, method, new(method, optimizer), cancellationToken);

    /// <summary>Stage 1: demonstrations and SFT.</summary>
    internal async Task<Learned> FineTuneAsync(IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var demonstrations = await Demonstrations.MakeAsync(context, parts.Teacher, parts.Judge, queries, cancellationToken).ConfigureAwait(false);
        var sft = await lessons.SftAsync("sft", demonstrations, cancellationToken).ConfigureAwait(false);
        foreach (var (name, make) in parts.FineTunedBaselines)
            await FineTunedBaselineAsync(name, make, sft, demonstrations, cancellationToken).ConfigureAwait(false);
        var measured = await evaluator.AddAsync("sft", sft.Writer, watch: true, cancellationToken).ConfigureAwait(false);
        Compare(measured);
        _usable.Add(measured);
        if (parts.CleanTeacher is { } clean)
        {
            var better = await Demonstrations.MakeCleanAsync(context, clean, queries, cancellationToken).ConfigureAwait(false);
            var control = await lessons.SftAsync("sft-clean", better, cancellationToken).ConfigureAwait(false);
            await SideRowAsync(measured, control.Name, control.Writer, cancellationToken).ConfigureAwait(false);
        }
        return sft;
    }

    /// <summary>Stage 2: one round of feedback and DPO. Returns the optimizer to go on with.</summary>
    internal async Task<Learned> PreferAsync(int round, Learned current, IReadOnlyList<Query> queries, CancellationToken cancellationToken)
    {
        var name = VpoLoop.NameOf(round);
        var before = _last!;
        var feedback = await Feedback.CollectAsync(context, parts, round, current.Writer, queries, cancellationToken).ConfigureAwait(false);
        var pairs = await Feedback.MergeAsync(context, $"round-{round}/pairs.jsonl", feedback, cancellationToken).ConfigureAwait(false);
        _pairs[name] = new(feedback.Text.Count, feedback.Video.Count, pairs.Count);
        if (pairs.Count == 0)
        {
            StopReason = $"{name}: no pair was found: every prompt is aligned and no two videos of a query differ enough";
            return current;
        }
        var next = await TryLearnAsync(name, pairs, current, cancellationToken).ConfigureAwait(false);
        if (next is null)
            return current;
        var measured = await evaluator.AddAsync(name, next.Writer, watch: true, cancellationToken).ConfigureAwait(false);
        var gain = Compare(measured);
        var damage = StopRules.Damage(measured.Row, next.Curve, context.Options.Stop);
        if (damage is null)
            _usable.Add(measured);
        if (round == 1)
            await SideRowsAsync(before, current, feedback, cancellationToken).ConfigureAwait(false);
        StopReason = damage ?? StopRules.Plateau(gain, context.Options.Stop);
        return next;
    }

    internal LoopResult Result() => new()
    {
        Rows = [.. evaluator.Results.Select(r => r.Row)],
        TransferRows = [.. evaluator.Results.Select(r => r.Transfer).OfType<EvaluationRow>()],
        Differences = _differences,
        Curves = lessons.Curves,
        ModelFolders = lessons.ModelFolders,
        Pairs = _pairs,
        Clips = [.. evaluator.Results.SelectMany(r => r.Clips)],
        BestMethod = _usable.MaxBy(m => m.Row.VideoReward?.Value ?? double.NegativeInfinity)!.Row.Method,
        StopReason = StopReason,
        Seed = context.Options.Seed,
    };

    /// <summary>Ablations and control: other lessons from the same samples, renders and start.</summary>
    private async Task SideRowsAsync(Measured start, Learned sft, RoundPairs feedback, CancellationToken cancellationToken)
    {
        var (options, merged) = (context.Options, new List<(string Name, IReadOnlyList<PreferencePair> Pairs)>());
        if (options.Ablations)
        {
            merged.Add(("without-text", PreferenceDataset.Merge([], feedback.Video, options.Pairs.OnePerQuery, options.Seed)));
            merged.Add(("without-video", PreferenceDataset.Merge(feedback.Text, [], options.Pairs.OnePerQuery, options.Seed)));
        }
        if (options.FlippedControl)
            merged.Add(("flipped-pairs", PreferenceDataset.FlipAtRandom(PreferenceDataset.Merge(feedback.Text, feedback.Video, options.Pairs.OnePerQuery, options.Seed), options.Seed)));
        foreach (var (name, pairs) in merged.Where(m => m.Pairs.Count > 0))
        {
            if (await TryLearnAsync(name, pairs, sft, cancellationToken).ConfigureAwait(false) is { } side)
                await SideRowAsync(start, side.Name, side.Writer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FineTunedBaselineAsync(
        string name, Func<FineTunedStart, CancellationToken, Task<IPromptOptimizer>> make, Learned sft, IReadOnlyList<Demonstration> demonstrations, CancellationToken cancellationToken)
    {
        var start = new FineTunedStart(sft.ModelFolder, demonstrations, Path.Combine(context.Folder, "baselines", name)) { Seed = context.Seed("baseline", name), Progress = context.Progress };
        using var optimizer = await make(start, cancellationToken).ConfigureAwait(false);
        await SideRowAsync(_original!, name, new(ContentId.Of(name, sft.Writer.Id), optimizer), cancellationToken).ConfigureAwait(false);
    }

    private async Task SideRowAsync(Measured start, string method, Writer writer, CancellationToken cancellationToken)
    {
        var measured = await evaluator.AddAsync(method, writer, watch: false, cancellationToken).ConfigureAwait(false);
        if (evaluator.Difference(start, measured) is { } difference)
            _differences.Add(difference);
    }

    private async Task<Learned?> TryLearnAsync(string name, IReadOnlyList<PreferencePair> pairs, Learned start, CancellationToken cancellationToken)
    {
        try
        {
            return await lessons.DpoAsync(name, pairs, start, cancellationToken).ConfigureAwait(false);
        }
        catch (LearningException e)
        {
            StopReason = $"{name}: {e.Message}";
            return null;
        }
    }

    /// <summary>Notes the difference to the method before, and makes this the one that the next is compared with.</summary>
    private MethodDifference? Compare(Measured measured)
    {
        var difference = _last is null ? null : evaluator.Difference(_last, measured);
        if (difference is not null)
            _differences.Add(difference);
        _last = measured;
        return difference;
    }
}
