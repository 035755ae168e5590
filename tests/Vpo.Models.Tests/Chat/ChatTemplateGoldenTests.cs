using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Tests.Chat;

[Trait("Category", "Golden")]
[Trait("Family", "bpe_tokenizer")]
public sealed class ChatTemplateGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("bpe_tokenizer");

    [Theory, MemberData(nameof(Cases))]
    public void Encode_GoldenChats_GivesTheReferenceIds(string name)
    {
        using var golden = GoldenCase.Open("bpe_tokenizer", name);
        var tokenizer = TokenizerJson.Open(golden.PathTo("model/tokenizer.json"));
        var template = ChatTemplate.Recognise(File.Exists(golden.PathTo("model/chat_template.jinja"))
            ? File.ReadAllText(golden.PathTo("model/chat_template.jinja"))
            : ConfigReader.Open(golden.PathTo("model/tokenizer_config.json")).Text("chat_template")!);
        foreach (var chat in golden.Json.GetProperty("chats").EnumerateArray())
        {
            var turns = chat.GetProperty("messages").EnumerateArray().Select(m => new ChatTurn(m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!)).ToList();
            foreach (var (key, answer) in new[] { ("ids", false), ("ids_generation", true) })
            {
                var ids = template.Encode(turns, tokenizer, answer);
                var expected = chat.GetProperty(key).EnumerateArray().Select(id => id.GetInt32()).ToArray();
                if (turns.Any(turn => tokenizer.SpecialTokens.Keys.Any(turn.Content.Contains)))
                    Assert.NotEqual(expected, ids);   // the reference lets a user's text become special tokens; this library does not
                else
                    Assert.Equal(expected, ids);
                Assert.Equal(1, ids.Count(id => id == golden.Json.GetProperty("bos_token_id").GetInt32()));
            }
        }
    }
}
