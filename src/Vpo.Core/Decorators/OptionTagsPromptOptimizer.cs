using Vpo.Queries;

namespace Vpo;

/// <summary>Gives the inner optimizer the wish alone, and puts the query's options and negative prompt into the result.</summary>
internal sealed class OptionTagsPromptOptimizer(IPromptOptimizer inner) : DelegatingPromptOptimizer(inner)
{
    private const string NothingWished = "the query holds nothing but options";

    public override async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        var parsed = OptionTags.Parse(query);
        return parsed.Text.Length == 0
            ? Kept(query, parsed)
            : Result(query, parsed, await base.OptimizeAsync(parsed.Text, options, cancellationToken).ConfigureAwait(false));
    }

    public override async Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        List<ParsedQuery> parsed = [.. queries.Select(OptionTags.Parse)];
        var prompts = new Queue<OptimizedPrompt>(await base.OptimizeBatchAsync(
            [.. parsed.Zip(queries, (p, q) => p.Text.Length > 0 || string.IsNullOrWhiteSpace(q) ? p.Text : null).OfType<string>()], options, cancellationToken).ConfigureAwait(false));
        return [.. parsed.Zip(queries, (p, query) => p.Text.Length == 0 ? Kept(query, p) : Result(query, p, prompts.Dequeue()))];
    }

    private static OptimizedPrompt Result(string query, ParsedQuery parsed, OptimizedPrompt prompt) => prompt with
    {
        Query = query,
        Options = parsed.Options,
        NegativePrompt = prompt.NegativePrompt is { Length: > 0 } more && parsed.NegativePrompt is { } typed ? $"{typed}, {more}" : parsed.NegativePrompt ?? prompt.NegativePrompt,
    };

    private static OptimizedPrompt Kept(string query, ParsedQuery parsed) =>
        OptimizedPrompt.Fallback(query, NothingWished) with { Options = parsed.Options, NegativePrompt = parsed.NegativePrompt };
}
