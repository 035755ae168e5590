namespace Vpo.Rewards.Combining;

/// <summary>One reward of a composite.</summary>
/// <param name="Name">Its name in answers and dimensions; unique.</param>
/// <param name="Reward">The reward; disposed with the composite.</param>
public sealed record RewardPart(string Name, IVideoReward Reward)
{
    /// <summary>What its score counts; rewards on different scales need different weights.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The least score that is acceptable, whatever the others say; null for none.</summary>
    public double? Floor { get; init; }

    /// <summary>
    /// Only watched: its score stands among the dimensions as "held-out/name" and never in the score, the answers or the floors, so nothing that is trained on them sees it.
    /// When the score rises and this falls, the trained rewards are being gamed. If it fails, only its dimension is missing.
    /// </summary>
    public bool HeldOut { get; init; }
}

/// <summary>Weighted sum of several rewards, with floors and held-out ones.</summary>
/// <remarks>A clip below a floor is unscored, or has the score <see cref="ScoreBelowFloor"/>. If a part that counts fails, so does the composite, and says which.
/// Answers and dimensions of the parts are kept under "name/...", so pairs can still ask for dominance on all of them.</remarks>
public sealed class CompositeReward : IVideoReward
{
    /// <summary>Before the name of a held-out part among the dimensions.</summary>
    public const string HeldOutPrefix = "held-out/";

    private readonly IReadOnlyList<RewardPart> _parts;

    /// <param name="parts">At least one that is not held out; names unique, weights finite.</param>
    public CompositeReward(IEnumerable<RewardPart> parts)
    {
        _parts = [.. parts];
        if (_parts.All(p => p.HeldOut))
            throw new ArgumentException("expected at least one reward that is not held out", nameof(parts));
        if (_parts.Select(p => p.Name).Distinct(StringComparer.Ordinal).Count() < _parts.Count)
            throw new ArgumentException($"the parts' names must be unique: {string.Join(", ", _parts.Select(p => p.Name))}", nameof(parts));
        if (_parts.FirstOrDefault(p => !double.IsFinite(p.Weight)) is { } bad)
            throw new ArgumentException($"'{bad.Name}': expected a finite weight, found {bad.Weight}", nameof(parts));
        if (_parts.FirstOrDefault(p => p is { HeldOut: true, Floor: not null }) is { } watched)
            throw new ArgumentException($"'{watched.Name}' is held out: a floor would let it decide", nameof(parts));
    }

    /// <summary>The score of a clip below a floor, such as −10 to lose every pair; null (default) leaves it unscored.</summary>
    public double? ScoreBelowFloor { get; init; }

    /// <inheritdoc/>
    public async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        var scores = await Task.WhenAll(_parts.Select(p => PartAsync(p, query, prompt, clip, cancellationToken))).ConfigureAwait(false);
        var counted = scores.Where(s => !s.Part.HeldOut).Select(s => (s.Part, Score: s.Score!)).ToList();
        var below = counted.Where(s => s.Score.Score < s.Part.Floor).ToList();
        if (below.Count > 0 && ScoreBelowFloor is null)
            throw new VideoRewardException($"below its floor: {string.Join(", ", below.Select(b => $"{b.Part.Name} {b.Score.Score:g4} < {b.Part.Floor:g4}"))}");
        return new()
        {
            Score = below.Count > 0 ? ScoreBelowFloor!.Value : counted.Sum(s => s.Part.Weight * s.Score.Score),
            Answers = [.. counted.SelectMany(s => s.Score.Answers.Select(a => a with { Question = $"{s.Part.Name}/{a.Question}", Weight = a.Weight * s.Part.Weight }))],
            Dimensions = scores.Where(s => s.Score is not null).SelectMany(s => Dimensions(s.Part, s.Score!)).ToDictionary(StringComparer.Ordinal),
            RewardId = string.Join('+', _parts.Where(p => !p.HeldOut).Select(p => FormattableString.Invariant($"{p.Weight:g}*{p.Name}"))),
        };
    }

    /// <summary>Disposes the parts.</summary>
    public void Dispose()
    {
        foreach (var part in _parts)
            part.Reward.Dispose();
    }

    private static async Task<(RewardPart Part, VideoScore? Score)> PartAsync(RewardPart part, string query, string prompt, VideoClip clip, CancellationToken cancellationToken)
    {
        try
        {
            return (part, GuardedReward.Checked(await part.Reward.ScoreAsync(query, prompt, clip, cancellationToken).ConfigureAwait(false)));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return part.HeldOut ? (part, null) : throw new VideoRewardException($"{part.Name}: {e.Message}", e);
        }
    }

    private static IEnumerable<KeyValuePair<string, double>> Dimensions(RewardPart part, VideoScore score)
    {
        var name = (part.HeldOut ? HeldOutPrefix : "") + part.Name;
        return score.Dimensions.Select(d => KeyValuePair.Create($"{name}/{d.Key}", d.Value)).Prepend(KeyValuePair.Create(name, score.Score));
    }
}
