using System.Globalization;

namespace Vpo;

/// <summary>Appends tags that are drawn by seed and query.</summary>
internal sealed class TagPromptOptimizer(IReadOnlyList<string> tags, int count) : IPromptOptimizer
{
    public static IReadOnlyList<string> Usual { get; } = ["highly detailed", "sharp focus", "cinematic lighting", "masterpiece", "4k", "smooth motion", "vivid colours", "depth of field"];

    public Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        string[] prompts = [.. Enumerable.Range(0, options?.Count ?? 1).Select(i => Write(query, options?.Seed ?? 0, i))];
        return Task.FromResult(new OptimizedPrompt { Query = query, Text = prompts[0], Alternatives = prompts[1..], ModelId = Baselines.PromptistStyleName });
    }

    public void Dispose() { }

    private string Write(string query, long seed, int index)
    {
        string[] drawn = [.. tags];
        new Random(ContentId.Seed(seed, "tags", query, index.ToString(CultureInfo.InvariantCulture))).Shuffle(drawn);
        return string.Join(", ", drawn.Take(count).Prepend(query.Trim().TrimEnd('.')));
    }
}
