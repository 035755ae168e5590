namespace Vpo;

/// <summary>A reward that can stop asking about a query's clips once no pair of them can change.</summary>
public interface IGroupVideoReward : IVideoReward
{
    /// <summary>Scores the clips of one query as far as its pairs depend on it: the pairs are those that full scores would give.</summary>
    /// <param name="query">The user's own words.</param>
    /// <param name="samples">The prompts with their clips.</param>
    /// <param name="pairs">How pairs will be mined.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One a sample. What can't be scored says so and does not end the call.</returns>
    Task<IReadOnlyList<GroupScore>> ScoreGroupAsync(string query, IReadOnlyList<ClipSample> samples, PairOptions pairs, CancellationToken cancellationToken = default);
}

/// <summary>A prompt with its clip.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Clip">The clip.</param>
public sealed record ClipSample(string Prompt, VideoClip Clip);

/// <summary>What is known of a clip in a group.</summary>
public sealed record GroupScore
{
    /// <summary>The score; null when it could not be given, or was not needed because the clip can be in no pair.</summary>
    public VideoScore? Score { get; init; }

    /// <summary>Why it could not be given; null otherwise.</summary>
    public string? Problem { get; init; }

    /// <summary>The score if all questions that were not asked were answered no.</summary>
    public double Low { get; init; }

    /// <summary>The score if they were answered yes.</summary>
    public double High { get; init; }

    /// <summary>How many questions were asked.</summary>
    public int Asked { get; init; }
}
