using Vpo.Storage;

namespace Vpo;

/// <summary>What is known of the clips of one query after lazy scoring (group-rewards.jsonl).</summary>
/// <param name="Id">The group's id.</param>
/// <param name="Query">The user's words.</param>
/// <param name="Samples">The prompts with their outcomes.</param>
/// <param name="Provenance">Where it came from; its seed is the generator's.</param>
public sealed record GroupRewardRecord(string Id, string Query, IReadOnlyList<GroupedPrompt> Samples, Provenance Provenance) : IRecord;

/// <summary>A prompt with what is known of its clip.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Outcome">The score, or why there is none, or that none was needed.</param>
public sealed record GroupedPrompt(string Prompt, GroupScore Outcome);
