namespace Vpo.Cli;

/// <summary>One query: the prompt on standard output; while it is being written, its raw text on the error stream.</summary>
internal static class OptimizeOne
{
    public static async Task<int> RunAsync(OpenedModel model, string query, PromptOptions options, bool stream, CancellationToken cancellationToken)
    {
        if (model.Explain(query) is { } message)
            throw new ArgumentException(message);
        var result = stream
            ? await model.Llama.OptimizeAsync(query, options, Console.Error.Write, cancellationToken)
            : await model.Llama.OptimizeAsync(query, options, cancellationToken);
        if (stream)
            Console.Error.WriteLine("\n");
        Console.WriteLine(result.Text);
        foreach (var alternative in result.Alternatives)
            Console.WriteLine(alternative);
        if (result.FallbackReason is { } reason)
            Console.Error.WriteLine($"vpo: kept the query: {reason}");
        return 0;
    }
}
