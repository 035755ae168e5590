namespace Vpo;

/// <summary>Video-level feedback: how well does the rendered clip do what the user asked for?</summary>
/// <remarks>Safe for concurrent calls. Keeps each answer, never only the sum: pairs may ask for dominance on all of them.</remarks>
public interface IVideoReward : IDisposable
{
    /// <summary>Scores a clip.</summary>
    /// <param name="query">The user's own words: alignment is asked about these, not about the optimized prompt.</param>
    /// <param name="prompt">The prompt that the clip was made from.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="VideoRewardException">No score can be given, for example because no answer could be read. Never a score of 0 instead.</exception>
    Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default);
}

/// <summary>A clip that can't be scored; it is reported and left out of pairs and means.</summary>
public sealed class VideoRewardException : Exception
{
    /// <summary>Says why.</summary>
    public VideoRewardException(string message) : base(message) { }

    /// <summary>Says why, with the cause.</summary>
    public VideoRewardException(string message, Exception cause) : base(message, cause) { }
}

/// <summary>An answer to one question of a checklist.</summary>
public enum Answer
{
    /// <summary>No answer could be read.</summary>
    Unknown,

    /// <summary>No.</summary>
    No,

    /// <summary>Yes.</summary>
    Yes,
}

/// <summary>One question of a checklist with its answer.</summary>
/// <param name="Question">Its short name, the same for every clip.</param>
/// <param name="Dimension">The dimension that it belongs to, such as "alignment".</param>
/// <param name="Answer">The answer.</param>
/// <param name="Weight">What a yes adds to the score, on the score's own scale.</param>
public sealed record ChecklistAnswer(string Question, string Dimension, Answer Answer, double Weight)
{
    /// <summary>The model's own words, where they matter (the released program compares them); null otherwise.</summary>
    public string? Reply { get; init; }

    /// <summary>The narrower group in <see cref="Dimension"/>, such as "letters", whose questions ask for more or less of one thing; null where the checklist has none.</summary>
    public string? SubDimension { get; init; }

    /// <summary>Chance of yes among yes and no, from 0 to 1; null where the judge does not say.</summary>
    public double? Probability { get; init; }
}

/// <summary>The score of one clip.</summary>
public sealed record VideoScore
{
    /// <summary>The overall score; higher is better. A finite number.</summary>
    public required double Score { get; init; }

    /// <summary>The answers behind it; empty for rewards that have none.</summary>
    public IReadOnlyList<ChecklistAnswer> Answers { get; init; } = [];

    /// <summary>Scores of single dimensions by name.</summary>
    public IReadOnlyDictionary<string, double> Dimensions { get; init; } = new Dictionary<string, double>();

    /// <summary>Which reward gave it.</summary>
    public string? RewardId { get; init; }
}
