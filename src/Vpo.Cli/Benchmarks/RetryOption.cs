using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Vpo.Storage;

namespace Vpo.Cli.Benchmarks;

/// <summary><c>--retry</c>: records that say only what went wrong are made again.</summary>
internal static class RetryOption
{
    public static Option<bool> Create() => new("--retry") { Description = "Try again what failed in an earlier run, such as when a server went away." };

    /// <summary>Takes the failed records out of a file.</summary>
    public static void Drop<T>(string path, JsonTypeInfo<T> type, Func<T, bool> failed)
    {
        using var alone = WriteLock.Take(path);
        var records = JsonlFile.Read(path, type);
        if (records.Any(failed))
            AtomicFile.WriteText(path, string.Concat(records.Where(r => !failed(r)).Select(r => JsonSerializer.Serialize(r, type) + "\n")));
    }
}
