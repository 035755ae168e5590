using System.Text.Json.Serialization.Metadata;
using Vpo.Storage;

namespace Vpo.Stages;

/// <summary>What all stages of a run share.</summary>
internal sealed record StageContext(string Folder, LoopOptions Options, TimeProvider Time, IProgress<StageProgress>? Progress)
{
    /// <summary>The stage that keeps its records in a file of the run folder.</summary>
    internal Stage<TInput, TRecord> Stage<TInput, TRecord>(string file, JsonTypeInfo<TRecord> type, Func<TInput, string> idOf, int? chunkSize = null) where TRecord : class, IRecord =>
        new(Path.ChangeExtension(file, null), Path.Combine(Folder, file), type, idOf) { ChunkSize = chunkSize ?? Options.ChunkSize, Time = Time };

    internal int Seed(params ReadOnlySpan<string?> purpose) => ContentId.Seed(Options.Seed, purpose);
}
