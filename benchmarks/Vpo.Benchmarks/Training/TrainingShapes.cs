using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Training;

namespace Vpo.Benchmarks.Training;

/// <summary>Data of the shapes that are measured. But for fine-tuning ids are random, lengths are what counts.</summary>
internal static class TrainingShapes
{
    /// <summary>Four pairs of VPO's shape: prompts of 200 tokens of which 158 are common to all, responses of about 130.</summary>
    public static List<PreferenceExample> Vpo(int pairs = 4) => Pairs(pairs, _ => (158, 42, 130, 130));

    /// <summary>Four pairs of 1,024 tokens of prompt, nothing in common, responses of 256.</summary>
    public static List<PreferenceExample> LongPrompts(int pairs = 2) => Pairs(pairs, _ => (0, 1024, 256, 256));

    /// <summary>Eight pairs whose lengths differ by a factor of twenty, nothing in common.</summary>
    public static List<PreferenceExample> MixedLengths() => Pairs(8, i => (0, 20 << i % 4, 16 << i % 5, 16 << (i + 2) % 5));

    /// <summary>
    /// Eight real examples, about 1,280 tokens: VBench's short prompts in SmolLM2's chat template, with the detailed ones that were written for them.
    /// Where the files are not at hand, random ids of such lengths.
    /// </summary>
    public static List<TokenizedExample> Sft()
    {
        string Shared(string variable, string folder, string file) => Path.Combine(Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named ? named : Path.Combine("..", "shared", folder), file);
        var model = Shared("VPO_MODELS", "models", "smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        var texts = Shared("VPO_DATA", "data", "vbench/all_dimension.txt");
        if (!File.Exists(model) || !File.Exists(texts))
            return [.. Pairs(8, i => (0, 30 + 2 * i, 110 + 4 * i, 1)).Select(p => p.ChosenRow)];
        using var checkpoint = LlamaCheckpoint.Open(model);
        string[] Lines(string path) => [.. File.ReadLines(path).Where(l => l.Trim().Length > 0)];
        var written = Lines(texts.Replace(".txt", "_gpt.txt", StringComparison.Ordinal));
        return [.. Lines(texts).Index().Where(q => q.Index % 100 == 0).Take(8).Select(q => new TokenizedExample(
            [.. checkpoint.Template.Encode([new ChatTurn("user", q.Item)], checkpoint.Tokenizer)],
            [.. checkpoint.Tokenizer.Encode(written[q.Index]), checkpoint.Tokenizer.SpecialTokens["<|im_end|>"]]))];
    }

    /// <summary>The rows of fine-tuning, or the pairs, of a named shape.</summary>
    public static (List<TokenizedExample>? Rows, List<PreferenceExample>? Pairs) Of(string shape) => shape switch
    {
        "vpo" => (null, Vpo()),
        "long" => (null, LongPrompts()),
        "mixed" => (null, MixedLengths()),
        "sft" => (Sft(), null),
        _ => throw new ArgumentException($"unknown shape '{shape}': vpo, long, mixed or sft."),
    };

    /// <summary>The rows of a named shape.</summary>
    public static List<TokenizedExample> RowsOf(string shape) => Of(shape) is (var rows, var pairs) && rows is null
        ? [.. pairs!.Select(p => p.ChosenRow), .. pairs!.Select(p => p.RejectedRow)] : rows!;

    /// <summary>Pairs, or rows of fine-tuning, of a named shape.</summary>
    public static int ItemsOf(string shape) => Of(shape) is (var rows, var pairs) ? rows?.Count ?? pairs!.Count : 0;

    /// <summary>Operations of the usual stack: all layers and the head on rows as wide as the longest, attention on all of them, and for pairs a reference.</summary>
    public static double UsualOperations(string shape)
    {
        var (config, rows) = (LlamaDecoding.SmolLm2, RowsOf(shape));
        var width = rows.Max(r => r.Prompt.Length + r.Completion.Length);
        var tokens = (double)rows.Count * width;
        var forward = 2 * tokens * (config.Layers * (LayerNumbers(config) + 2.0 * width * config.Heads * config.HeadDim) + config.HiddenSize * config.VocabularySize);
        return (Of(shape).Rows is null ? 4 : 3) * forward;
    }

    /// <summary>Operations of one step that no exact program can do without: products of layers and head on the tokens that differ, attention on what is seen.</summary>
    /// <param name="shape">Which data.</param>
    /// <param name="adapter">Whether the matrices are frozen, so that no gradient of theirs is needed.</param>
    public static double NeededOperations(string shape, bool adapter = false)
    {
        var (config, rows) = (LlamaDecoding.SmolLm2, RowsOf(shape));
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
        return (adapter ? 4 : 6) * (config.Layers * tokens * LayerNumbers(config) + (double)trained * config.HiddenSize * config.VocabularySize)
            + 6 * config.Layers * 2.0 * seen * config.Heads * config.HeadDim;
    }

    private static double LayerNumbers(LlamaConfig config) =>
        config.HiddenSize * (2.0 * config.Heads * config.HeadDim + 2.0 * config.KeyValueHeads * config.HeadDim + 3.0 * config.IntermediateSize);

    private static List<PreferenceExample> Pairs(int count, Func<int, (int Common, int Prompt, int Chosen, int Rejected)> lengths)
    {
        var random = new Random(1);
        int[] Ids(int n) => [.. Enumerable.Range(0, n).Select(_ => random.Next(3, 49152))];
        var common = Ids(1024);
        return [.. Enumerable.Range(0, count).Select(i => lengths(i) is var l ? new PreferenceExample([.. common[..l.Common], .. Ids(l.Prompt)], Ids(l.Chosen), Ids(l.Rejected)) : null!)];
    }
}
