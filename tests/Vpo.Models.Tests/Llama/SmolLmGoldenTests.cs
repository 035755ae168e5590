using System.Text.Json;
using TorchSharp;
using Vpo.Models.Chat;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "smollm2")]
public sealed class SmolLmGoldenTests
{
    private const double Undecided = 0.01;

    public static TheoryData<string> Cases() => Golden.Cases("smollm2");

    internal static string Path => Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");

    private static readonly Lazy<LlamaCheckpoint> Checkpoint = new(() => LlamaCheckpoint.Open(Path));
    private static readonly Lazy<LlamaModel> Model = new(() => Checkpoint.Value.Load(device: Golden.Device));

    private static int[] Ids(JsonElement json) => [.. json.EnumerateArray().Select(id => id.GetInt32())];

    [Theory, MemberData(nameof(Cases)), Trait("Category", "Weights")]
    public void Open_PublishedFile_IsTheReference(string name)
    {
        using var golden = GoldenCase.Open("smollm2", name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        _ = Path;
        if (golden.Json.TryGetProperty("texts", out _))
            AssertTokenizer(golden.Json);
        else if (golden.Json.TryGetProperty("queries", out var queries))
            AssertLogits(golden, queries.GetArrayLength());
        else
            AssertWeights(golden);
    }

    private static void AssertTokenizer(JsonElement json)
    {
        var (tokenizer, template) = (Checkpoint.Value.Tokenizer, Checkpoint.Value.Template);
        foreach (var text in json.GetProperty("texts").EnumerateArray())
        {
            Assert.Equal(Ids(text.GetProperty("ids")), tokenizer.Encode(text.GetProperty("text").GetString()!, parseSpecial: true));
            Assert.Equal(text.GetProperty("decoded").GetString(), tokenizer.Decode(Ids(text.GetProperty("ids")), skipSpecial: false));
        }
        foreach (var chat in json.GetProperty("chats").EnumerateArray())
        {
            var turns = chat.GetProperty("messages").EnumerateArray().Select(m => new ChatTurn(m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!)).ToList();
            Assert.Equal(Ids(chat.GetProperty("ids")), template.Encode(turns, tokenizer));
        }
    }

    private static void AssertLogits(GoldenCase golden, int count)
    {
        var leads = golden.Json.GetProperty("greedy_lead");
        for (var i = 0; i < count; i++)
        {
            var ids = golden.Tensor($"in.ids{i}");
            var logits = Model.Value.forward(ids.unsqueeze(0))[0];
            golden.AssertClose($"out.last_logits{i}", logits[-1][TensorIndex.Slice(step: 64)]);
            var logps = nn.functional.log_softmax(logits[..^1], 1).gather(1, ids[1..].unsqueeze(1)).squeeze(1);
            golden.AssertClose($"out.token_logps{i}", logps);
            var expected = golden.Tensor($"out.greedy{i}").cpu().data<long>().Select(id => (int)id).Skip((int)ids.shape[0]).ToArray();
            var prompt = ids.cpu().data<long>().Select(id => (int)id).ToArray();
            var answer = new TextGenerator(Model.Value).Generate([new(prompt)], new() { Greedy = true, StopIds = [], MaxNewTokens = expected.Length })[0];
            var sure = leads[i].EnumerateArray().TakeWhile(lead => lead.GetDouble() >= Undecided).Count();
            Assert.Equal(expected[..Math.Min(sure, expected.Length)], answer.Ids.Take(Math.Min(sure, expected.Length)));
        }
    }

    private static void AssertWeights(GoldenCase golden)
    {
        foreach (var name in golden.TensorNames)
        {
            var (tensor, what) = (name["out.".Length..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
            var value = Checkpoint.Value.Weights.Read(tensor).to(Golden.Device).to(float64);
            golden.AssertClose(name, what switch
            {
                "sum" => value.sum(),
                "square_sum" => value.square().sum(),
                "first" => value.reshape(-1)[..16].to(float32),
                "last" => value.reshape(-1)[^16..].to(float32),
                _ => throw new Xunit.Sdk.XunitException("unknown expectation " + name),
            });
        }
    }
}
