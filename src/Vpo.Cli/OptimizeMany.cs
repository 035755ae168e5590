namespace Vpo.Cli;

/// <summary>A file of queries.</summary>
internal static class OptimizeMany
{
    public static Task<int> RunAsync(OpenedModel model, IReadOnlyList<Query> queries, PromptOptions options, string? output, CancellationToken cancellationToken) => Task.FromResult(0);
}
