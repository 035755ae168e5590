namespace Vpo.Stages;

/// <summary>The row "original": the query as it is.</summary>
internal sealed class RawQuery : IPromptOptimizer
{
    public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new OptimizedPrompt { Query = query, Text = query });

    public void Dispose() { }
}
