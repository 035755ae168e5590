using Microsoft.Extensions.AI;
using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Tests.Generation;
using Vpo.Models.Tests.Optimization;

namespace Vpo.Models.Tests.Chat;

public sealed class LlamaChatClientTests
{
    private static LlamaChatClient Tiny() => new(LlamaModel.Initialize(TextGeneratorTests.Tiny, 1), LlamaPromptOptimizerTests.Words, LlamaPromptOptimizerTests.Plain,
        new() { Temperature = 0.9, MaxNewTokens = 20, StopIds = [] }, "tiny");

    [Fact]
    public async Task GetResponse_SameSeed_IsWhatStreamingGives()
    {
        using var client = Tiny();
        var options = new ChatOptions { Seed = 4 };
        var response = await client.GetResponseAsync("w1 w2", options);
        var streamed = "";
        await foreach (var update in client.GetStreamingResponseAsync("w1 w2", options))
            streamed += update.Text;
        Assert.Equal(response.Text, streamed);
        Assert.Equal((ChatFinishReason.Length, "tiny", 20L), (response.FinishReason, response.ModelId, response.Usage!.OutputTokenCount));
        Assert.NotEqual(response.Text, (await client.GetResponseAsync("w1 w2", new() { Seed = 5 })).Text);
        Assert.Equal("tiny", client.GetService<ChatClientMetadata>()!.DefaultModelId);
    }

    [Fact]
    public async Task GetResponse_StopText_IsCutBeforeIt()
    {
        using var client = Tiny();
        var whole = (await client.GetResponseAsync("w1", new() { Seed = 1 })).Text.Split(' ');
        var stop = " " + whole[6];
        var cut = await client.GetResponseAsync("w1", new() { Seed = 1, StopSequences = [stop] });
        Assert.DoesNotContain(stop, cut.Text);
        Assert.StartsWith(cut.Text, string.Join(' ', whole));
        Assert.Equal(ChatFinishReason.Stop, cut.FinishReason);
    }

    [Fact, Trait("Category", "Weights")]
    public async Task GetResponse_RealModel_Answers()
    {
        using var client = LlamaChatClient.Open(Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        var response = await client.GetResponseAsync("What is the capital of France?", new() { MaxOutputTokens = 16 });
        Assert.Contains("Paris", response.Text);
    }
}
