using System.Globalization;
using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>An optimizer and what determines it: its part in the ids of what it writes.</summary>
internal sealed record Writer(string Id, IPromptOptimizer Optimizer);

/// <summary>Queries to prompts.</summary>
internal static class PromptStage
{
    internal static Task<IReadOnlyList<PromptRecord>> RunAsync(
        StageContext context, string file, Writer writer, IReadOnlyList<Query> queries, PromptOptions options, CancellationToken cancellationToken)
    {
        var settings = string.Create(CultureInfo.InvariantCulture, $"count {options.Count}, temperature {options.Temperature}, top-p {options.TopP}");
        string IdOf(Query query) => ContentId.Of("prompts", writer.Id, query.Id, settings, options.Seed?.ToString(CultureInfo.InvariantCulture));

        async Task<IReadOnlyList<PromptRecord>> Write(IReadOnlyList<Query> chunk, CancellationToken ct)
        {
            var written = await writer.Optimizer.OptimizeManyAsync([.. chunk.Select(q => q.Text)], options, ct).ConfigureAwait(false);
            return
            [
                .. chunk.Zip(written, (query, prompt) => new PromptRecord
                {
                    Id = IdOf(query),
                    Query = query.Text,
                    Prompts = [prompt.Text, .. prompt.Alternatives],
                    FallbackReason = prompt.FallbackReason,
                    Provenance = Provenance.Of(prompt.ModelId, settings, options.Seed ?? 0),
                }),
            ];
        }
        return context.Stage<Query, PromptRecord>(file, VpoJson.Lines.PromptRecord, IdOf).RunAsync(queries, Write, context.Progress, cancellationToken);
    }
}
