using Vpo.Queries;

namespace Vpo.Cli;

/// <summary>One query: the prompt on standard output; while it is being written, its raw text on the error stream.</summary>
internal static class OptimizeOne
{
    public static async Task<int> RunAsync(OpenedModel model, string query, PromptOptions options, bool stream, CancellationToken cancellationToken)
    {
        var parsed = OptionTags.Parse(query);
        if (parsed.Text.Length == 0)
            throw new ArgumentException($"'{query}' holds nothing but options: say what to show.");
        if (model.Explain(parsed.Text) is { } message)
            throw new ArgumentException(message);
        var result = stream
            ? await model.Llama.OptimizeAsync(parsed.Text, options, Console.Error.Write, cancellationToken)
            : await model.Llama.OptimizeAsync(parsed.Text, options, cancellationToken);
        if (stream)
            Console.Error.WriteLine("\n");
        Console.WriteLine(result.Text);
        foreach (var alternative in result.Alternatives)
            Console.WriteLine(alternative);
        if (parsed.NegativePrompt is { } negative)
            Console.Error.WriteLine($"vpo: negative prompt: {negative}");
        if (parsed.Options.Any(o => o.Name != QueryOptionNames.Negative))
            Console.Error.WriteLine($"vpo: options for the video tool: {string.Join(", ", parsed.Options.Where(o => o.Name != QueryOptionNames.Negative).Select(o => $"{o.Name} {o.Value}"))}");
        if (result.FallbackReason is { } reason)
            Console.Error.WriteLine($"vpo: kept the query: {reason}");
        return 0;
    }
}
