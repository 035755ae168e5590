namespace Vpo.Core.Tests.Fakes;

/// <summary>A star more skilled after each lesson; its model folder holds the skill.</summary>
internal sealed class FakeLearner(Action? onCall = null) : IPreferenceLearner
{
    public List<Lesson> Lessons { get; } = [];

    public List<FakeWriter> Made { get; } = [];

    public double Drift { get; init; } = 0.1;

    /// <summary>Pairs of the control teach nothing.</summary>
    public int Gain { get; init; } = 1;

    public Task<LearnedOptimizer> LearnAsync(Lesson lesson, IProgress<LearningProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        onCall?.Invoke();
        Lessons.Add(lesson);
        Directory.CreateDirectory(lesson.Folder);
        var before = lesson.StartFrom is null ? 0 : int.Parse(File.ReadAllText(Path.Combine(lesson.StartFrom, "skill")));
        var skill = before + (lesson.Name == "flipped-pairs" ? 0 : Gain);
        File.WriteAllText(Path.Combine(lesson.Folder, "skill"), $"{skill}");
        var point = new LearningPoint { Step = 1, Loss = 0.5, ChosenDrift = lesson.Pairs.Count > 0 ? Drift : null };
        progress?.Report(new(point, 1, TimeSpan.Zero));
        var writer = new FakeWriter(skill);
        Made.Add(writer);
        return Task.FromResult(new LearnedOptimizer(writer, lesson.Folder, [point]));
    }

    public void Dispose() { }
}
