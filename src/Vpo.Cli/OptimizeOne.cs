namespace Vpo.Cli;

/// <summary>One query: the prompt on standard output; while it is being written, its raw text on the error stream.</summary>
internal static class OptimizeOne
{
    public static async Task<int> RunAsync(OpenedModel model, string query, PromptOptions options, bool stream, CancellationToken cancellationToken)
    {
        // The optimizer draws the same tokens for the same seed, so what was streamed is what is then cleaned and printed.
        var result = stream && !Console.IsErrorRedirected
            ? await StreamThenFinish(model, query, options, cancellationToken)
            : await model.Optimizer.OptimizeAsync(query, options, cancellationToken);
        Console.WriteLine(result.Text);
        foreach (var alternative in result.Alternatives)
            Console.WriteLine(alternative);
        if (result.FallbackReason is { } reason)
            Console.Error.WriteLine($"vpo: kept the query: {reason}");
        return 0;
    }

    private static async Task<OptimizedPrompt> StreamThenFinish(OpenedModel model, string query, PromptOptions options, CancellationToken cancellationToken)
    {
        var finished = model.Optimizer.OptimizeAsync(query, options, cancellationToken);
        if (finished.IsFaulted)
            return await finished;
        await foreach (var piece in model.Llama.StreamAsync(query, options, cancellationToken))
            Console.Error.Write(piece);
        Console.Error.WriteLine();
        return await finished;
    }
}
