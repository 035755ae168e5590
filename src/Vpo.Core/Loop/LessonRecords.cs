using Vpo.Storage;

namespace Vpo;

/// <summary>A demonstration for SFT with where it came from (demonstrations.jsonl).</summary>
/// <param name="Id">The demonstration's id.</param>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The target.</param>
/// <param name="Provenance">Where it came from.</param>
public sealed record DemonstrationRecord(string Id, string Query, string Prompt, Provenance Provenance) : IRecord;

/// <summary>A preference pair with where it came from (pairs.jsonl).</summary>
/// <param name="Id">The pair's id.</param>
/// <param name="Pair">The pair.</param>
/// <param name="Provenance">Where it came from.</param>
public sealed record PairRecord(string Id, PreferencePair Pair, Provenance Provenance) : IRecord;
