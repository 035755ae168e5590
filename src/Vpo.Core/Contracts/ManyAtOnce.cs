namespace Vpo;

/// <summary>Many calls at once: through a batch where the implementation has one, else one call after another within a limit.</summary>
public static class ManyAtOnce
{
    private const int DefaultConcurrency = 8;

    /// <summary>Optimizes many queries; results are in the order of the queries.</summary>
    public static async Task<IReadOnlyList<OptimizedPrompt>> OptimizeManyAsync(
        this IPromptOptimizer optimizer, IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        if (optimizer is IBatchPromptOptimizer batch)
            return await batch.OptimizeBatchAsync(queries, options, cancellationToken).ConfigureAwait(false);
        return await queries.SelectManyAtOnceAsync((query, ct) => optimizer.OptimizeAsync(query, options, ct), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Generates many clips; results are in the order of the requests.</summary>
    public static async Task<IReadOnlyList<VideoClip>> GenerateManyAsync(
        this IVideoGenerator generator, IReadOnlyList<VideoRequest> requests, VideoOptions? options = null,
        IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        if (generator is IBatchVideoGenerator batch)
            return await batch.GenerateBatchAsync(requests, options, progress, cancellationToken).ConfigureAwait(false);
        return await requests.SelectManyAtOnceAsync((request, ct) => generator.GenerateAsync(request, options, progress, ct), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls a function for each item, at most eight at a time, and keeps the order. The first failure ends it.</summary>
    public static async Task<IReadOnlyList<TResult>> SelectManyAtOnceAsync<T, TResult>(
        this IReadOnlyList<T> items, Func<T, CancellationToken, Task<TResult>> call, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(call);
        var results = new TResult[items.Count];
        var limit = new ParallelOptions { MaxDegreeOfParallelism = DefaultConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, items.Count, limit, async (i, ct) => results[i] = await call(items[i], ct).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }
}
