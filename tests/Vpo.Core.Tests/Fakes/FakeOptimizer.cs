namespace Vpo.Core.Tests.Fakes;

/// <summary>Writes "name: query", and for further samples "name: query (1)".</summary>
internal sealed class FakeOptimizer(string name) : IPromptOptimizer
{
    public bool Fails { get; init; }

    public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (Fails)
            throw new IOException("no network");
        var alternatives = Enumerable.Range(1, (options?.Count ?? 1) - 1).Select(i => $"{name}: {query} ({i})");
        return Task.FromResult(new OptimizedPrompt { Query = query, Text = $"{name}: {query}", Alternatives = [.. alternatives], ModelId = name });
    }

    public void Dispose() { }
}
