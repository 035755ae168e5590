using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Vpo.Queries;
using Vpo.Storage;

namespace Vpo.Cli;

/// <summary>A file of queries to a file of prompts, resumable.</summary>
internal static class OptimizeMany
{
    private const int ChunkSize = 24;

    /// <summary>Text as it is, not escaped.</summary>
    private static readonly JsonTypeInfo<OptimizedRecord> Line =
        new OptimizedJson(new JsonSerializerOptions(OptimizedJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).OptimizedRecord;

    public static async Task<int> RunAsync(OpenedModel model, IReadOnlyList<Query> queries, PromptOptions options, string? output, CancellationToken cancellationToken)
    {
        var settings = string.Create(CultureInfo.InvariantCulture, $"count {options.Count}, temperature {options.Temperature}, max new tokens {options.MaxNewTokens}");
        string IdOf(Query query) => ContentId.Of("optimized", model.Id, query.Id, settings, options.Seed?.ToString(CultureInfo.InvariantCulture));
        var optimizer = new PromptOptimizerBuilder(_ => model.Llama).UseOptionTags().Build();   // the model's owner disposes it
        var (tokens, start) = (0L, Stopwatch.GetTimestamp());

        async Task<IReadOnlyList<OptimizedRecord>> Write(IReadOnlyList<Query> chunk, CancellationToken ct)
        {
            var known = chunk.Where(q => model.Explain(OptionTags.Parse(q.Text).Text) is null).ToList();
            var written = new Queue<OptimizedPrompt>(await optimizer.OptimizeManyAsync([.. known.Select(q => q.Text)], options, ct));
            List<OptimizedPrompt> all = [.. chunk.Select(q => model.Explain(OptionTags.Parse(q.Text).Text) is { } reason ? OptimizedPrompt.Fallback(q.Text, reason) : written.Dequeue())];
            tokens += all.Sum(p => (long)(p.Usage?.Output ?? 0));
            return [.. chunk.Zip(all, (q, p) => new OptimizedRecord(IdOf(q), q.Text, p.Text, p.Alternatives, p.FallbackReason, p.NegativePrompt, p.Options.Count == 0 ? null : p.Options, Provenance.Of(model.Id, settings, options.Seed ?? 0)))];
        }

        var progress = new ConsoleProgress();
        var file = output ?? Path.GetTempFileName();
        try
        {
            var stage = new Stage<Query, OptimizedRecord>("optimize", file, Line, IdOf) { ChunkSize = ChunkSize };
            var records = await stage.RunAsync(queries, Write, progress, cancellationToken);
            progress.EndLine();
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{records.Count} queries, {records.Count(r => r.FallbackReason is not null)} kept as they were, {tokens} new tokens, {tokens / seconds:0} tokens/s"));
            if (output is null)
                Console.Write(await File.ReadAllTextAsync(file, cancellationToken));
            return 0;
        }
        finally
        {
            if (output is null)
                File.Delete(file);
        }
    }
}

/// <summary>One line of the output.</summary>
internal sealed record OptimizedRecord(string Id, string Query, string Prompt, IReadOnlyList<string> Alternatives, string? FallbackReason, string? NegativePrompt, IReadOnlyList<QueryOption>? Options, Provenance Provenance) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OptimizedRecord))]
internal sealed partial class OptimizedJson : JsonSerializerContext;
