namespace Vpo;

/// <summary>What a guarded reward allows.</summary>
public sealed record GuardOptions
{
    /// <summary>The longest that one score may take; 10 minutes unless said otherwise.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often each clip is scored; above 1 finds rewards that disagree with themselves. The first score is the result.</summary>
    public int Repetitions { get; init; } = 1;

    /// <summary>How far repeated scores may lie apart; with 0 the answers must be the same too, since pairs may ask for dominance on all of them.</summary>
    public double Tolerance { get; init; }
}

/// <summary>
/// Makes sure that a reward gives a finite score in time or a <see cref="VideoRewardException"/> that says why not: whatever it throws, however long it hangs, so that one
/// clip never ends a run and no broken score is averaged in.
/// </summary>
/// <param name="inner">The reward; may be anybody's code. Disposed with this.</param>
/// <param name="options">Limits; defaults if null.</param>
/// <param name="time">The clock of the time limit; the system's if null.</param>
public sealed class GuardedReward(IVideoReward inner, GuardOptions? options = null, TimeProvider? time = null) : DelegatingVideoReward(inner)
{
    private readonly GuardOptions _options = options ?? new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public override async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        var first = await OnceAsync(query, prompt, clip, cancellationToken).ConfigureAwait(false);
        for (var i = 1; i < _options.Repetitions; i++)
        {
            var again = await OnceAsync(query, prompt, clip, cancellationToken).ConfigureAwait(false);
            CheckSame(first, again);
        }
        return first;
    }

    /// <summary>Whether the inner reward can score a query's clips together, only as far as pairs depend on them; not with repetitions.</summary>
    public bool ScoresGroups => Inner is IGroupVideoReward && _options.Repetitions == 1;

    /// <summary>Scores a query's clips together; the time limit is that of one score for each. Whatever the reward does, there is an outcome for every clip.</summary>
    /// <exception cref="NotSupportedException">The reward can't: see <see cref="ScoresGroups"/>.</exception>
    public async Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (!ScoresGroups)
            throw new NotSupportedException("expected a reward that scores groups, without repetitions: score the clips one by one");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var scores = await Task.Run(() => ((IGroupVideoReward)Inner).ScoreGroupAsync(query, samples, pairs, limit.Token), cancellationToken)
                .WaitAsync(_options.Timeout * Math.Max(1, samples.Count), _time, cancellationToken).ConfigureAwait(false);
            return scores.Count == samples.Count ? [.. scores.Select(Outcome)] : throw new VideoRewardException($"expected {samples.Count} outcomes, found {scores.Count}");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return [.. samples.Select(_ => new GroupScore { Problem = e is TimeoutException ? $"no scores within {_options.Timeout * samples.Count}" : $"{e.GetType().Name}: {e.Message}" })];
        }
        finally
        {
            await limit.CancelAsync().ConfigureAwait(false);
        }
    }

    private static GroupScore Outcome(GroupScore found)
    {
        try
        {
            return found.Score is null ? found : found with { Score = Checked(found.Score) };
        }
        catch (VideoRewardException e)
        {
            return found with { Score = null, Problem = e.Message };
        }
    }

    private void CheckSame(VideoScore first, VideoScore again)
    {
        if (Math.Abs(again.Score - first.Score) > _options.Tolerance)
            throw new VideoRewardException($"{NameOf(first)} disagrees with itself: {first.Score:g6}, then {again.Score:g6} for the same clip (allowed {_options.Tolerance:g6})");
        if (_options.Tolerance == 0 && first.Answers.Zip(again.Answers).FirstOrDefault(a => a.First.Answer != a.Second.Answer) is { First: { } changed } other)
            throw new VideoRewardException($"{NameOf(first)} disagrees with itself: {changed.Answer}, then {other.Second.Answer} to '{changed.Question}' about the same clip");
    }

    private async Task<VideoScore> OnceAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // On another thread, so that a reward that blocks before its first await is left behind too.
            var score = await Task.Run(() => Inner.ScoreAsync(query, prompt, clip, limit.Token), cancellationToken)
                .WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
            return Checked(score);
        }
        catch (TimeoutException e)
        {
            throw new VideoRewardException($"no score within {_options.Timeout}", e);
        }
        catch (Exception e) when (e is not VideoRewardException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw new VideoRewardException($"{e.GetType().Name}: {e.Message}", e);
        }
        finally
        {
            await limit.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Refuses a score that is absent or not finite, or has dimensions that are not.</summary>
    /// <exception cref="VideoRewardException">It is one of these.</exception>
    public static VideoScore Checked(VideoScore? score)
    {
        if (score is null)
            throw new VideoRewardException("the reward returned null instead of a score");
        if (!double.IsFinite(score.Score))
            throw new VideoRewardException($"{NameOf(score)} gave {score.Score}: expected a finite number");
        if (score.Dimensions.FirstOrDefault(d => !double.IsFinite(d.Value)) is { Key: { } bad })
            throw new VideoRewardException($"{NameOf(score)} gave {score.Dimensions[bad]} for {bad}: expected a finite number");
        return score;
    }

    private static string NameOf(VideoScore score) => score.RewardId ?? "the reward";
}
