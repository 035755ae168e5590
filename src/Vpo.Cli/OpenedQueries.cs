using Vpo.Queries;
using Vpo.Rewards.MonetBench;

namespace Vpo.Cli;

/// <summary>The file of queries that the user named: text, JSON, JSON Lines, VBench's lists, or MonetBench's Parquet.</summary>
internal static class OpenedQueries
{
    /// <summary>What --input takes.</summary>
    public const string Says = "a JSON array, JSON Lines or Parquet with a column query, prompt, text or prompt_en (so VBench's and MonetBench's lists), or one query a line";

    public static async Task<IReadOnlyList<Query>> ReadAsync(string path, CancellationToken cancellationToken) =>
        Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase)
            ? [.. (await MonetBenchFile.ReadAsync(path, cancellationToken: cancellationToken)).Select(prompt => new Query(prompt.Text))]
            : QueryFile.Read(path);
}
