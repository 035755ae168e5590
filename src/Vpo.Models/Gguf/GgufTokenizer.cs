using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Gguf;

/// <summary>The byte-level BPE tokenizer inside a GGUF file.</summary>
internal static class GgufTokenizer
{
    private const int Control = 3, UserDefined = 4;

    /// <summary>Null when the file holds none.</summary>
    /// <exception cref="CheckpointException">It holds one that is not supported, or a damaged one.</exception>
    public static ITokenizer? Read(GgufFile file)
    {
        if (!file.Metadata.TryGetValue("tokenizer.ggml.tokens", out var list))
            return null;
        if (file.Metadata.GetValueOrDefault("tokenizer.ggml.model") is var model and not "gpt2")
            throw new CheckpointException($"'{file.Location}' has a tokenizer of the kind '{model}'; supported: gpt2 (byte-level BPE).");
        var pre = file.Metadata.GetValueOrDefault("tokenizer.ggml.pre") as string;
        var (pieces, wholeFirst) = pre switch
        {
            "smollm" => (new PreTokenizer(PreTokenizer.Digit, PreTokenizer.Gpt2), false),
            "llama-bpe" or "llama3" or "llama-v3" => (new PreTokenizer(PreTokenizer.Llama3), true),
            "gpt-2" => (new PreTokenizer(PreTokenizer.Gpt2), false),
            _ => throw new CheckpointException($"'{file.Location}' splits text in the way '{pre}', which is not supported. Supported: smollm, llama-bpe, gpt-2."),
        };
        try
        {
            return Build(list as string[] ?? [], file.Metadata.GetValueOrDefault("tokenizer.ggml.token_type") as int[], file.Metadata["tokenizer.ggml.merges"] as string[] ?? [], pieces, wholeFirst);
        }
        catch (Exception e) when (e is FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new CheckpointException($"'{file.Location}' holds a damaged tokenizer: {e.Message}", e);
        }
    }

    private static BytePairTokenizer Build(string[] tokens, int[]? types, string[] merges, PreTokenizer pieces, bool wholeFirst)
    {
        if (types is not null && types.Length != tokens.Length)
            throw new FormatException($"{tokens.Length} tokens with {types.Length} types");
        var vocabulary = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        var (special, ordinary) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var id = 0; id < tokens.Length; id++)
        {
            vocabulary[tokens[id]] = id;
            if (types?[id] is Control or UserDefined)
                (types[id] == Control ? special : ordinary)[tokens[id]] = id;
        }
        var pairs = new PairMerges(merges.Length);
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var (left, right) = TokenizerJson.PairOf(merges[rank]);
            pairs.AddTokens(vocabulary, left, right, rank);
        }
        return new(vocabulary, pairs, pieces, new(special, ordinary), wholeFirst);
    }
}
