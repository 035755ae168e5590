using System.Text;
using Vpo.Models.Checkpoints;

namespace Vpo.Models.Tokenizers;

/// <summary>The tokenizer.model that Meta publishes with Llama 3: lines of base64 and rank, where the rank is the id.</summary>
public static class Tiktoken
{
    private const int SpecialCount = 256, MostBytes = 1024;   // the longest token of Llama 3 has 128

    /// <summary>Opens the file with the split pattern and the 256 special tokens of Llama 3.1 (the names of Llama 3 are the same up to reserved ones).</summary>
    /// <exception cref="CheckpointException">A line is not base64 and rank, or ranks do not run from 0.</exception>
    public static ITokenizer OpenLlama3(string path)
    {
        var ranks = Read(path);
        string[] named = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>", "<|finetune_right_pad_id|>", "<|step_id|>",
            "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>", "<|eot_id|>", "<|python_tag|>", "<|image|>"];
        var special = Enumerable.Range(0, SpecialCount).ToDictionary(i => i < named.Length ? named[i] : $"<|reserved_special_token_{i - named.Length + 2}|>", i => ranks.Count + i);
        return new BytePairTokenizer(ranks, MergesOf(ranks), new(PreTokenizer.Llama3), new(special, new Dictionary<string, int>()), wholeFirst: true);
    }

    private static Dictionary<string, int> Read(string path)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path, Encoding.ASCII).Where(line => line.Length > 0))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var bytes = new byte[line.Length];
            if (space < 1 || space > 2 * MostBytes || !int.TryParse(line.AsSpan(space + 1), out var rank) || rank != ranks.Count || !Convert.TryFromBase64Chars(line.AsSpan(0, space), bytes, out var count)
                || !ranks.TryAdd(ByteAlphabet.Spell(bytes[..count]), rank))
                throw new CheckpointException($"'{path}', line {ranks.Count + 1}: expected base64 of at most {MostBytes} bytes and the rank {ranks.Count}, found '{(line.Length > 40 ? line[..40] + "..." : line)}'. {BrokenDownload.Advice(path)}");
        }
        if (ranks.Count < 256)
            throw new CheckpointException($"'{path}' has {ranks.Count} tokens; expected at least those of the 256 single bytes. {BrokenDownload.Advice(path)}");
        return ranks;
    }

    /// <summary>Every way to make a token of two shorter ones, at the rank of the result.</summary>
    private static PairMerges MergesOf(Dictionary<string, int> ranks)
    {
        var merges = new PairMerges(2 * ranks.Count);
        var lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (token, rank) in ranks)
        {
            for (var cut = 1; cut < token.Length; cut++)
            {
                if (lookup.TryGetValue(token.AsSpan(0, cut), out var left) && lookup.TryGetValue(token.AsSpan(cut), out var right))
                    merges.Add(left, right, rank, rank);
            }
        }
        return merges;
    }
}
