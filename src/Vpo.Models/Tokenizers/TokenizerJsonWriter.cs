using System.Text.Encodings.Web;
using System.Text.Json;
using Vpo.Storage;

namespace Vpo.Models.Tokenizers;

/// <summary>Writes tokenizer.json.</summary>
internal static class TokenizerJsonWriter
{
    public static void Write(string path, ITokenizer tokenizer, string? begin)
    {
        Action<Utf8JsonWriter> body = tokenizer switch
        {
            WordTokenizer words => json => WriteWords(json, words),
            BytePairTokenizer pairs => json => WriteBytePairs(json, pairs),
            _ => throw new NotSupportedException($"a {tokenizer.GetType().Name} can't be written as tokenizer.json. Supported: WordTokenizer, BytePairTokenizer."),
        };
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json, tokenizer);
            json.WriteNull("normalizer");
            WriteBegin(json, tokenizer, begin);
            body(json);
            json.WriteEndObject();
        });
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, ITokenizer tokenizer)
    {
        json.WriteStartArray("added_tokens");
        var ordinary = tokenizer is BytePairTokenizer pairs ? pairs.Added.Ordinary : new Dictionary<string, int>();
        foreach (var (token, id) in tokenizer.SpecialTokens.Concat(ordinary).OrderBy(t => t.Value))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", token);
            foreach (var flag in new[] { "single_word", "lstrip", "rstrip", "normalized" })
                json.WriteBoolean(flag, false);
            json.WriteBoolean("special", !ordinary.ContainsKey(token));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteBegin(Utf8JsonWriter json, ITokenizer tokenizer, string? begin)
    {
        if (begin is null)
        {
            json.WriteNull("post_processor");
            return;
        }
        var id = tokenizer.SpecialTokens.TryGetValue(begin, out var known) ? known : throw new ArgumentException($"'{begin}' is not a special token of the tokenizer.", nameof(begin));
        json.WritePropertyName("post_processor");
        JsonSerializer.Serialize(json, new
        {
            type = "TemplateProcessing",
            single = new object[] { new { SpecialToken = new { id = begin, type_id = 0 } }, new { Sequence = new { id = "A", type_id = 0 } } },
            pair = new object[] { new { SpecialToken = new { id = begin, type_id = 0 } }, new { Sequence = new { id = "A", type_id = 0 } }, new { Sequence = new { id = "B", type_id = 1 } } },
            special_tokens = new Dictionary<string, object> { [begin] = new { id = begin, ids = new[] { id }, tokens = new[] { begin } } },
        });
    }

    private static void WriteWords(Utf8JsonWriter json, WordTokenizer tokenizer)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "WhitespaceSplit");
        json.WriteEndObject();
        json.WriteNull("decoder");
        json.WriteStartObject("model");
        json.WriteString("type", "WordLevel");
        WriteVocabulary(json, tokenizer.Vocabulary);
        json.WriteString("unk_token", tokenizer.Unknown);
        json.WriteEndObject();
    }

    private static void WriteBytePairs(Utf8JsonWriter json, BytePairTokenizer tokenizer)
    {
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        foreach (var pattern in tokenizer.Pieces.Patterns)
            WriteSplit(json, pattern);
        WriteByteLevel(json);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WritePropertyName("decoder");
        WriteByteLevel(json);
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        foreach (var absent in new[] { "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix" })
            json.WriteNull(absent);
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", tokenizer.WholeFirst);
        WriteVocabulary(json, tokenizer.Vocabulary);
        WriteMerges(json, tokenizer);
        json.WriteEndObject();
    }

    /// <summary>Every pattern as a Split: the same cuts as the named steps (Digits, GPT-2's own pattern), and one way to write them.</summary>
    private static void WriteSplit(Utf8JsonWriter json, string pattern)
    {
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", pattern);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
    }

    private static void WriteByteLevel(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", true);
        json.WriteBoolean("use_regex", false);
        json.WriteEndObject();
    }

    private static void WriteVocabulary(Utf8JsonWriter json, IReadOnlyDictionary<string, int> vocabulary)
    {
        json.WriteStartObject("vocab");
        foreach (var (token, id) in vocabulary.OrderBy(w => w.Value))
            json.WriteNumber(token, id);
        json.WriteEndObject();
    }

    private static void WriteMerges(Utf8JsonWriter json, BytePairTokenizer tokenizer)
    {
        var tokens = tokenizer.Vocabulary.ToDictionary(t => t.Value, t => t.Key);
        json.WriteStartArray("merges");
        foreach (var (left, right) in tokenizer.Merges.InOrder())
        {
            json.WriteStartArray();
            json.WriteStringValue(tokens[left]);
            json.WriteStringValue(tokens[right]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
