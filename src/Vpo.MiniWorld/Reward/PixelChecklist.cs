namespace Vpo.MiniWorld;

/// <summary>
/// Scores a clip of the mini world from 0 to 5 by questions that its pixels answer: half of the score for what the query asked for
/// (alignment), half for how well the object is drawn and moves (quality). A query that names nothing is scored by quality alone.
/// </summary>
public sealed class PixelChecklist : IVideoReward
{
    /// <summary>The best score.</summary>
    public const double Best = 5;

    private const double Sharp = 0.74, Steady = 0.15, Smooth = 0.45, ClearColour = 75, LittleClutter = 0.06;

    private static readonly IReadOnlyDictionary<Aspect, double> AspectWeights = new Dictionary<Aspect, double>
    {
        [Aspect.Colour] = 1,
        [Aspect.Shape] = 1,
        [Aspect.Direction] = 1,
        [Aspect.Place] = .8,
        [Aspect.Size] = .6,
        [Aspect.Speed] = .5,
    };

    private static readonly (string Name, double Weight, Func<ClipMeasurement, bool> Holds)[] Quality =
    [
        ("object", 1, m => m.FramesWithObject > 0),
        ("persistent", .6, m => m.FramesWithObject == Renderer.FrameCount),
        ("uncluttered", .8, m => m.Clutter < LittleClutter),
        ("sharp", 1, m => m.Overlap > Sharp),
        ("steady", .5, m => m.AreaVariation < Steady),
        ("smooth", .5, m => m.PathResidual < Smooth),
        ("clear-colour", .6, m => m.ColourDistance < ClearColour),
    ];

    /// <inheritdoc/>
    public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(clip);
        if (clip is not { Width: Renderer.Side, Height: Renderer.Side, FrameCount: Renderer.FrameCount })
            throw new VideoRewardException($"The pixel checklist measures clips of {Renderer.Side}x{Renderer.Side} pixels and {Renderer.FrameCount} frames; "
                + $"this one has {clip.Width}x{clip.Height} and {clip.FrameCount}. Score clips of the mini world's generators only.");
        return Task.FromResult(Score(CaptionParser.ReadQuery(query), ClipMeter.Measure(clip)));
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static VideoScore Score(Description asked, ClipMeasurement measured)
    {
        var aspects = asked.Named.Where(a => a != Aspect.Speed || asked.Direction != Lexicon.Still).ToList();
        var alignment = aspects.Select(a => (a.ToString().ToLowerInvariant(), AspectWeights[a], asked[a] == measured[a])).ToList();
        var quality = Quality.Select(q => (q.Name, q.Weight, q.Holds(measured))).ToList();
        var share = alignment.Count > 0 ? Best / 2 : 0;
        List<ChecklistAnswer> answers = [.. Answers("alignment", alignment, share), .. Answers("quality", quality, Best - share)];
        return new()
        {
            Score = Total(answers),
            Answers = answers,
            Dimensions = answers.GroupBy(answer => answer.Dimension).ToDictionary(group => group.Key, group => Total(group) / group.Sum(answer => answer.Weight)),
            RewardId = "mini-world-pixels",
        };
    }

    private static double Total(IEnumerable<ChecklistAnswer> answers) => answers.Where(answer => answer.Answer == Answer.Yes).Sum(answer => answer.Weight);

    private static IEnumerable<ChecklistAnswer> Answers(string dimension, List<(string Name, double Weight, bool Holds)> questions, double points)
    {
        var total = questions.Sum(question => question.Weight);
        return questions.Select(q => new ChecklistAnswer(q.Name, dimension, q.Holds ? Answer.Yes : Answer.No, points * q.Weight / total));
    }
}
