using Vpo.Models.Llama;
using Vpo.Training;

namespace Vpo.Benchmarks.Training;

/// <summary>Made-up data of the shapes that are measured; ids are random, lengths are what counts.</summary>
internal static class TrainingShapes
{
    /// <summary>Four pairs of VPO's shape: prompts of 200 tokens of which 158 are common to all, responses of about 130.</summary>
    public static List<PreferenceExample> Vpo(int pairs = 4) => Pairs(pairs, _ => (158, 42, 130, 130));

    /// <summary>Four pairs of 1,024 tokens of prompt, nothing in common, responses of 256.</summary>
    public static List<PreferenceExample> LongPrompts(int pairs = 2) => Pairs(pairs, _ => (0, 1024, 256, 256));

    /// <summary>Eight pairs whose lengths differ by a factor of twenty, nothing in common.</summary>
    public static List<PreferenceExample> MixedLengths() => Pairs(8, i => (0, 20 << i % 4, 16 << i % 5, 16 << (i + 2) % 5));

    /// <summary>Eight examples of 160 tokens, 118 of them an instruction common to all: about 1,280 tokens.</summary>
    public static List<TokenizedExample> Sft() => [.. Pairs(8, i => (0, 60 + 8 * i, 64 + 8 * (i % 3), 1)).Select(p => p.ChosenRow)];

    /// <summary>Operations of one step that no exact program can do without: products of layers and head on the tokens that differ, attention on what is seen.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rows">Chosen and rejected, or rows of fine-tuning.</param>
    public static double NeededOperations(LlamaConfig config, IReadOnlyList<TokenizedExample> rows)
    {
        var (heads, shared) = (config.Heads * config.HeadDim, config.KeyValueHeads * config.HeadDim);
        var layer = config.HiddenSize * (2.0 * heads + 2 * shared + 3 * config.IntermediateSize);
        var (tokens, seen, trained) = (0L, 0L, 0L);
        var known = new HashSet<string>();
        foreach (var row in rows)
        {
            int[] ids = [.. row.Prompt, .. row.Completion];
            var prefix = 0;
            for (var i = 0; i < ids.Length; i++)
            {
                prefix = HashCode.Combine(prefix, ids[i]);
                if (!known.Add($"{i}:{prefix}"))
                    continue;
                tokens++;
                seen += i + 1;
            }
            trained += row.TrainedTokens;
        }
        return 6 * (config.Layers * (tokens * layer + 2.0 * seen * heads) + (double)trained * config.HiddenSize * config.VocabularySize);
    }

    private static List<PreferenceExample> Pairs(int count, Func<int, (int Common, int Prompt, int Chosen, int Rejected)> lengths)
    {
        var random = new Random(1);
        int[] Ids(int n) => [.. Enumerable.Range(0, n).Select(_ => random.Next(3, 49152))];
        var common = Ids(1024);
        return [.. Enumerable.Range(0, count).Select(i => lengths(i) is var l ? new PreferenceExample([.. common[..l.Common], .. Ids(l.Prompt)], Ids(l.Chosen), Ids(l.Rejected)) : null!)];
    }
}
