namespace Vpo.Core.Tests.Fakes;

/// <summary>"Finds" trigger words once a folder, from the skill of the model folder, and puts a writer of that skill behind them.</summary>
internal sealed class FakeSearch(Action? onCall = null)
{
    public List<FineTunedStart> Starts { get; } = [];

    public List<FakeWriter> Made { get; } = [];

    public Action? OnFound { get; init; }

    public Task<IPromptOptimizer> MakeAsync(FineTunedStart start, CancellationToken cancellationToken)
    {
        Starts.Add(start);
        var skill = int.Parse(File.ReadAllText(Path.Combine(start.ModelFolder, "skill")));
        var file = Path.Combine(start.Folder, "triggers");
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(start.Folder);
            File.WriteAllText(file, $"found-{start.Seed % 100}-{skill}");
            OnFound?.Invoke();
        }
        Made.Add(new(skill, onCall));
        return Task.FromResult(Baselines.AutoPromptStyle(Made[^1], File.ReadAllText(file)));
    }
}
