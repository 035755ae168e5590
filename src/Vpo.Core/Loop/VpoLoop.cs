using System.Globalization;
using Vpo.Stages;
using Vpo.Storage;

namespace Vpo;

/// <summary>The whole method of VPO over the five contracts: demonstrations, SFT, then rounds of samples, feedback and DPO, and the table.</summary>
/// <remarks>
/// Everything is kept in the run folder, a JSON Lines file a stage. A run that was stopped, at any moment and by any means, goes on where it was when it
/// is started again with the same parts, options and queries (options and queries are checked). One run a folder at a time.
/// </remarks>
/// <param name="parts">The parts; not disposed.</param>
/// <param name="options">How to run.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
public sealed class VpoLoop(VpoParts parts, LoopOptions? options = null, TimeProvider? time = null)
{
    private readonly VpoParts _parts = Guarded(parts ?? throw new ArgumentNullException(nameof(parts)), options, time);
    private readonly LoopOptions _options = options ?? new();

    /// <summary>Runs the method, or what is left of it, and evaluates each step.</summary>
    /// <param name="queries">Three sets that share no held-out query.</param>
    /// <param name="folder">The run folder; made when absent.</param>
    /// <param name="progress">Hears of every chunk and training step; may be null.</param>
    /// <param name="cancellationToken">Ends the run between two chunks or steps; what is done stays done.</param>
    /// <exception cref="ArgumentException">Options or queries that can't be run.</exception>
    /// <exception cref="InvalidDataException">The folder holds another run.</exception>
    /// <exception cref="IOException">Another process runs in the folder.</exception>
    public async Task<LoopResult> RunAsync(LoopQueries queries, string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _options.Check();
        queries = queries.Checked();
        using var alone = RunCard.Lock(folder);
        RunCard.Claim(folder, _options, queries);
        var context = new StageContext(folder, _options, time ?? TimeProvider.System, progress);
        using var lessons = new Lessons(context, _parts.Learner);
        var run = new LoopRun(context, _parts, lessons, new Evaluator(context, _parts, queries.Evaluation));

        await run.EvaluateAsync("original", new("original", new RawQuery()), cancellationToken).ConfigureAwait(false);
        await run.EvaluateAsync("few-shot", new("teacher", _parts.Teacher), cancellationToken).ConfigureAwait(false);
        foreach (var (name, optimizer) in _parts.Baselines)
            await run.BaselineAsync(name, optimizer, cancellationToken).ConfigureAwait(false);
        var current = await run.FineTuneAsync(queries.Sft, cancellationToken).ConfigureAwait(false);
        for (var round = 1; round <= _options.Rounds && run.StopReason is null; round++)
            current = await run.PreferAsync(round, current, queries.Preference, cancellationToken).ConfigureAwait(false);
        return run.Result();
    }

    /// <summary>The name of a round in the table: "vpo", then "vpo-round-2" and so on.</summary>
    /// <param name="round">From 1.</param>
    public static string NameOf(int round) => round == 1 ? "vpo" : string.Create(CultureInfo.InvariantCulture, $"vpo-round-{round}");

    private static VpoParts Guarded(VpoParts parts, LoopOptions? options, TimeProvider? time) =>
        parts.Reward is GuardedReward ? parts : parts with { Reward = new GuardedReward(parts.Reward, (options ?? new()).Reward, time) };
}
