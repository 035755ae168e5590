using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>Has lessons learnt, and keeps what came out until the run ends.</summary>
internal sealed class Lessons(StageContext context, IPreferenceLearner learner) : IDisposable
{
    private readonly List<IPromptOptimizer> _models = [];
    private readonly Dictionary<string, IReadOnlyList<LearningPoint>> _curves = [];
    private readonly Dictionary<string, string> _folders = [];

    internal IReadOnlyDictionary<string, IReadOnlyList<LearningPoint>> Curves => _curves;

    internal IReadOnlyDictionary<string, string> ModelFolders => _folders;

    internal Task<Learned> SftAsync(string name, IReadOnlyList<Demonstration> demonstrations, CancellationToken cancellationToken) =>
        LearnAsync(Lesson(name) with { Demonstrations = demonstrations }, ContentId.Of([name, .. demonstrations.Select(d => d.Id)]), cancellationToken);

    internal Task<Learned> DpoAsync(string name, IReadOnlyList<PreferencePair> pairs, Learned start, CancellationToken cancellationToken) =>
        LearnAsync(Lesson(name) with { Pairs = pairs, StartFrom = start.ModelFolder }, ContentId.Of([name, start.Writer.Id, .. pairs.Select(p => p.Id)]), cancellationToken);

    /// <summary>Disposes all trained optimizers.</summary>
    public void Dispose() => _models.ForEach(m => m.Dispose());

    private Lesson Lesson(string name) => new() { Name = name, Folder = Path.Combine(context.Folder, "models", name), Seed = context.Seed("learn", name) };

    private async Task<Learned> LearnAsync(Lesson lesson, string id, CancellationToken cancellationToken)
    {
        var progress = context.Progress is { } hears ? new Relay(lesson.Name, hears) : null;
        var learned = await learner.LearnAsync(lesson, progress, cancellationToken).ConfigureAwait(false);
        _models.Add(learned.Optimizer);
        _curves[lesson.Name] = learned.Curve;
        _folders[lesson.Name] = learned.ModelFolder;
        return new(lesson.Name, new(id, learned.Optimizer), learned.ModelFolder, learned.Curve);
    }

    private sealed class Relay(string lesson, IProgress<StageProgress> hears) : IProgress<LearningProgress>
    {
        public void Report(LearningProgress value) => hears.Report(new($"learn {lesson}", value.Point.Step, value.TotalSteps, value.TimeLeft) { Point = value.Point });
    }
}

/// <summary>A trained optimizer under its name.</summary>
internal sealed record Learned(string Name, Writer Writer, string ModelFolder, IReadOnlyList<LearningPoint> Curve);
