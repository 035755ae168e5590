using System.Text.Json;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Tests.Tokenizers;

[Trait("Category", "Golden")]
public sealed class TokenizerGoldenTests
{
    public static TheoryData<string> BpeCases() => Golden.Cases("bpe_tokenizer");
    public static TheoryData<string> Llama3Cases() => Golden.Cases("llama3_tokenizer");

    private static int[] Ids(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    [Theory, MemberData(nameof(BpeCases)), Trait("Family", "bpe_tokenizer")]
    public void Encode_GoldenTexts_GivesTheReferenceIds(string name)
    {
        using var golden = GoldenCase.Open("bpe_tokenizer", name);
        AssertGolden(golden, TokenizerJson.Open(golden.PathTo("model/tokenizer.json")));
    }

    [Theory, MemberData(nameof(BpeCases)), Trait("Family", "bpe_tokenizer")]
    public void Encode_WithATokenizerThatWasWrittenAgain_GivesTheReferenceIds(string name)
    {
        using var golden = GoldenCase.Open("bpe_tokenizer", name);
        AssertGolden(golden, Rewritten(TokenizerJson.Open(golden.PathTo("model/tokenizer.json"))));
    }

    private static ITokenizer Rewritten(ITokenizer tokenizer)
    {
        var path = Path.GetTempFileName();
        try
        {
            TokenizerJson.Write(path, tokenizer);
            return TokenizerJson.Open(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertGolden(GoldenCase golden, ITokenizer tokenizer)
    {
        Assert.Equal(golden.Json.GetProperty("vocab_size").GetInt32(), tokenizer.VocabularySize);
        var bos = golden.Json.GetProperty("bos_token_id").GetInt32();
        foreach (var text in golden.Json.GetProperty("texts").EnumerateArray())
        {
            var (input, ids) = (text.GetProperty("text").GetString()!, Ids(text, "ids"));
            Assert.Equal(ids, tokenizer.Encode(input, parseSpecial: true));
            Assert.Equal(Ids(text, "ids_plain"), tokenizer.Encode(input));
            Assert.Equal<int>(Ids(text, "ids_special"), (int[])[bos, .. ids]);
            Assert.Equal(text.GetProperty("decoded").GetString(), tokenizer.Decode([bos, .. ids], skipSpecial: false));
            Assert.Equal(text.GetProperty("decoded_skip").GetString(), tokenizer.Decode([bos, .. ids]));
        }
        foreach (var item in golden.Json.GetProperty("decode").EnumerateArray())
        {
            Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(item, "ids"), skipSpecial: false));
            Assert.Equal(item.GetProperty("decoded_skip").GetString(), tokenizer.Decode(Ids(item, "ids")));
        }
        foreach (var chat in golden.Json.GetProperty("chats").EnumerateArray())
        {
            Assert.Equal(Ids(chat, "ids"), tokenizer.Encode(chat.GetProperty("text").GetString()!, parseSpecial: true));
            Assert.Equal(Ids(chat, "ids_generation"), tokenizer.Encode(chat.GetProperty("text_generation").GetString()!, parseSpecial: true));
        }
    }

    [Theory, MemberData(nameof(Llama3Cases)), Trait("Family", "llama3_tokenizer")]
    public void Encode_WithMetasFile_GivesTheReferenceIds(string name)
    {
        using var golden = GoldenCase.Open("llama3_tokenizer", name);
        var tokenizer = Llama3.Value;
        if (golden.Json.TryGetProperty("texts", out var texts))
        {
            Assert.Equal(golden.Json.GetProperty("vocab_size").GetInt32(), tokenizer.VocabularySize);
            Assert.All(golden.Json.GetProperty("special_tokens").EnumerateObject(), token => Assert.Equal(token.Value.GetInt32(), tokenizer.SpecialTokens[token.Name]));
            foreach (var text in texts.EnumerateArray())
            {
                Assert.Equal(Ids(text, "ids"), tokenizer.Encode(text.GetProperty("text").GetString()!, parseSpecial: true));
                Assert.Equal(Ids(text, "ids_plain"), tokenizer.Encode(text.GetProperty("text").GetString()!));
                Assert.Equal(text.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(text, "ids"), skipSpecial: false));
            }
            Assert.All(golden.Json.GetProperty("decode").EnumerateArray(),
                item => Assert.Equal(item.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(item, "ids"), skipSpecial: false)));
        }
        if (golden.Json.TryGetProperty("prompts", out var prompts))
            Assert.All(prompts.EnumerateArray(), prompt => AssertReencodes(tokenizer, Ids(prompt, "ids")));
    }

    [Fact, Trait("Category", "Weights"), Trait("Family", "llama3_tokenizer")]
    public void Encode_RealQueries_GivesTheReferenceIds()
    {
        var folder = Path.Combine(Repository.Root, "..", "shared", "golden", "llama3_tokenizer", "real_queries", "case.json");
        Assert.SkipUnless(File.Exists(folder), "absent: golden/llama3_tokenizer/real_queries");
        var queries = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Data("vpo/sft_prompts.json")))!;
        using var golden = JsonDocument.Parse(File.ReadAllText(folder));
        var rewritten = Rewritten(Llama3.Value);
        foreach (var item in golden.RootElement.GetProperty("queries").EnumerateArray())
        {
            var query = queries[item.GetProperty("index").GetInt32()];
            Assert.Equal(Ids(item, "ids"), Llama3.Value.Encode(query));
            Assert.Equal(Ids(item, "ids"), rewritten.Encode(query));
        }
    }

    /// <summary>The released template is not stored: its ids give the text, and the text must give the ids.</summary>
    private static void AssertReencodes(ITokenizer tokenizer, int[] ids) =>
        Assert.Equal(ids, tokenizer.Encode(tokenizer.Decode(ids, skipSpecial: false), parseSpecial: true));

    private static readonly Lazy<ITokenizer> Llama3 = new(() => Tiktoken.OpenLlama3(Repository.Data("llama3/tokenizer.model")));
}
