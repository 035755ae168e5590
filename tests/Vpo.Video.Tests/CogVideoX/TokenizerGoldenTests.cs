using System.Text;
using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "unigram_tokenizer")]
public sealed class TokenizerGoldenTests
{
    private const int End = 1, Padding = 0;

    private static readonly string[] KnownKeys =
        ["family", "case", "seed", "made_with", "source", "tolerance", "notes", "pieces", "size", "legacy", "differing_texts", "trained_with", "texts"];

    public static TheoryData<string> Cases() => Golden.Cases("unigram_tokenizer");

    [Theory, MemberData(nameof(Cases))]
    public void Encode_EveryText_GivesNormalisedTextPiecesAndIds(string name)
    {
        using var golden = GoldenCase.Open("unigram_tokenizer", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        Assert.True(golden.Json.GetProperty("legacy").GetBoolean());
        var tokenizer = T5Tokenizer.Open(golden.PathTo("model"));
        foreach (var text in golden.Json.GetProperty("texts").EnumerateArray())
        {
            var input = text.GetProperty("text").GetString()!;
            int[] Ids(string key) => [.. text.GetProperty(key).EnumerateArray().Select(e => e.GetInt32())];
            Assert.Equal(text.GetProperty("normalized").GetString(), Encoding.UTF8.GetString(tokenizer.Normalize(input)));
            Assert.Equal(Ids("sp"), tokenizer.Segment(input));
            Assert.Equal(Ids("ids"), WithEnd(tokenizer.Encode(input)));
        }
    }

    private static IReadOnlyList<int> WithEnd(IReadOnlyList<int> ids) => ids is [.., End] ? ids : [.. ids, End];

    [Theory, MemberData(nameof(Cases))]
    public void Encode_EveryText_TruncatesAndPadsAsRecorded(string name)
    {
        using var golden = GoldenCase.Open("unigram_tokenizer", name);
        var tokenizer = T5Tokenizer.Open(golden.PathTo("model"));
        var texts = golden.Json.GetProperty("texts").EnumerateArray().Select(e => e.GetProperty("text").GetString()!).ToList();
        foreach (var (tensor, cut) in new[] { ("out.trunc16_pad24", 16), ("out.pad24", 24) })
        {
            using var expected = golden.Tensor(tensor);
            var width = (int)expected.shape[1];
            var rows = expected.data<long>().ToArray().Chunk(width);
            foreach (var (text, row) in texts.Zip(rows))
            {
                var ids = WithEnd([.. tokenizer.Encode(text).Take(cut - 1)]);
                Assert.Equal(row, ids.Concat(Enumerable.Repeat(Padding, width - ids.Count)).Select(id => (long)id));
            }
        }
    }
}
