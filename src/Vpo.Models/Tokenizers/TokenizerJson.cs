using System.Text.Json;
using Vpo.Models.Checkpoints;

namespace Vpo.Models.Tokenizers;

/// <summary>Hugging Face's tokenizer.json: byte-level BPE and WordLevel.</summary>
public static class TokenizerJson
{
    private const int MostGaps = 1 << 16;   // ids without a token that a file may leave

    /// <summary>Opens a tokenizer.json.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or uses a part that is not supported; the message names it.</exception>
    public static ITokenizer Open(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new CheckpointException($"'{path}' is not a tokenizer that can be used: {e.Message} {BrokenDownload.Advice(path)}", e);
        }
        catch (CheckpointException e)
        {
            throw new CheckpointException($"'{path}': {e.Message}", e);
        }
    }

    /// <summary>Writes a tokenizer that Hugging Face's tokenizers library loads, and that gives the same ids there.</summary>
    /// <param name="path">Written whole or not at all.</param>
    /// <param name="tokenizer">A <see cref="WordTokenizer"/> or a <see cref="BytePairTokenizer"/>.</param>
    /// <param name="begin">A special token that Hugging Face's library puts before every text, as Llama 3's does; null for none. Our own encoding never adds it: chat templates do.</param>
    /// <exception cref="NotSupportedException">A tokenizer of another kind.</exception>
    public static void Write(string path, ITokenizer tokenizer, string? begin = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        TokenizerJsonWriter.Write(path, tokenizer, begin);
    }

    private static ITokenizer Read(JsonElement root)
    {
        if (root.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind != JsonValueKind.Null)
            throw new CheckpointException($"the normalizer '{TypeOf(normalizer)}' is not supported.");
        var model = root.GetProperty("model");
        return TypeOf(model) switch
        {
            "BPE" => ReadBytePairs(root, model, VocabularyOf(model.GetProperty("vocab"))),
            "WordLevel" => ReadWords(root, model, VocabularyOf(model.GetProperty("vocab"))),
            var other => throw new CheckpointException($"tokenizers of the type '{other}' are not supported. Supported: byte-level BPE, WordLevel."),
        };
    }

    private static WordTokenizer ReadWords(JsonElement root, JsonElement model, Dictionary<string, int> vocabulary)
    {
        if (root.GetProperty("pre_tokenizer") is var pre && TypeOf(pre) != "WhitespaceSplit")
            throw new CheckpointException($"the pre-tokenizer '{TypeOf(pre)}' is not supported for WordLevel; supported: WhitespaceSplit.");
        var (special, ordinary) = AddedOf(root, vocabulary.Count + MostGaps);
        if (ordinary.Count > 0)
            throw new CheckpointException("added tokens that are not special are not supported for WordLevel.");
        foreach (var (token, id) in special)
            vocabulary[token] = id;
        return new(vocabulary, [.. special.Keys], model.GetProperty("unk_token").GetString() ?? "");
    }

    private static BytePairTokenizer ReadBytePairs(JsonElement root, JsonElement model, Dictionary<string, int> vocabulary)
    {
        foreach (var unsupported in new[] { "continuing_subword_prefix", "end_of_word_suffix", "dropout", "unk_token" })
        {
            if (model.TryGetProperty(unsupported, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False) && value.ToString() is not ("" or "0"))
                throw new CheckpointException($"BPE with {unsupported} is not supported: only byte-level BPE is.");
        }
        if (model.TryGetProperty("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True)
            throw new CheckpointException("BPE with byte_fallback (SentencePiece style) is not supported: only byte-level BPE is.");
        var (special, ordinary) = AddedOf(root, vocabulary.Count + MostGaps);
        foreach (var (token, id) in ordinary)
            vocabulary.TryAdd(token, id);
        var wholeFirst = model.TryGetProperty("ignore_merges", out var ignore) && ignore.ValueKind == JsonValueKind.True;
        return new(vocabulary, MergesOf(model.GetProperty("merges"), vocabulary), PreTokenizerJson.Read(root.GetProperty("pre_tokenizer")), new(special, ordinary), wholeFirst);
    }

    private static Dictionary<string, int> VocabularyOf(JsonElement json)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var entry in json.EnumerateObject())
            vocabulary[entry.Name] = entry.Value.GetInt32();
        foreach (var (token, id) in vocabulary)
        {
            if (id < 0 || id > vocabulary.Count + MostGaps)
                throw new CheckpointException($"token '{token}' has the id {id} in a vocabulary of {vocabulary.Count}.");
        }
        return vocabulary;
    }

    private static PairMerges MergesOf(JsonElement json, Dictionary<string, int> vocabulary)
    {
        var merges = new PairMerges(json.GetArrayLength());
        var rank = 0;
        foreach (var merge in json.EnumerateArray())
        {
            var (left, right) = merge.ValueKind != JsonValueKind.Array ? PairOf(merge.GetString())
                : merge.GetArrayLength() == 2 ? (merge[0].GetString(), merge[1].GetString())
                : throw new FormatException($"merge {rank} has {merge.GetArrayLength()} parts, expected 2.");
            merges.AddTokens(vocabulary, left, right, rank++);
        }
        return merges;
    }

    internal static (string? Left, string? Right) PairOf(string? text) => text?.IndexOf(' ', StringComparison.Ordinal) is int space and > 0
        ? (text[..space], text[(space + 1)..])
        : throw new FormatException($"'{text}' is not a merge of two tokens.");

    private static (Dictionary<string, int> Special, Dictionary<string, int> Ordinary) AddedOf(JsonElement root, int mostIds)
    {
        var (special, ordinary) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        if (!root.TryGetProperty("added_tokens", out var list) || list.ValueKind == JsonValueKind.Null)
            return (special, ordinary);
        foreach (var token in list.EnumerateArray())
        {
            var id = token.GetProperty("id").GetInt32();
            if (id < 0 || id > mostIds)
                throw new CheckpointException($"an added token has the id {id}, far beyond the vocabulary.");
            var isSpecial = token.TryGetProperty("special", out var flag) && flag.ValueKind == JsonValueKind.True;
            (isSpecial ? special : ordinary)[token.GetProperty("content").GetString() ?? ""] = id;
        }
        return (special, ordinary);
    }

    internal static string TypeOf(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out var type) ? type.GetString() ?? "" : json.ValueKind.ToString();
}
