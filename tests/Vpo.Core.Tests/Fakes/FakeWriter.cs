namespace Vpo.Core.Tests.Fakes;

/// <summary>Writes the query with a number of stars and, now and then, the word "bad": both drawn from skill, query and seed.</summary>
internal sealed class FakeWriter(int skill, Action? onCall = null) : IPromptOptimizer
{
    public bool Disposed { get; private set; }

    public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        onCall?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        var prompts = Enumerable.Range(0, options?.Count ?? 1).Select(i => Write(query, i, options?.Seed ?? 0)).ToList();
        return Task.FromResult(new OptimizedPrompt { Query = query, Text = prompts[0], Alternatives = prompts[1..], ModelId = $"skill-{skill}" });
    }

    public void Dispose() => Disposed = true;

    private string Write(string query, int index, long seed)
    {
        var random = new Random(ContentId.Seed(seed, "fake", query, $"{skill}/{index}"));
        return $"{query} {(random.Next(10) > skill + 3 ? "bad " : "")}{new string('*', skill + random.Next(4))}";
    }
}
