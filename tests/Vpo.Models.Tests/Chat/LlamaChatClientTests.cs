using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Llama;
using Vpo.Models.Tests.Generation;
using Vpo.Models.Tests.Optimization;

namespace Vpo.Models.Tests.Chat;

public sealed class LlamaChatClientTests
{
    private static LlamaChatClient Tiny() => new(LlamaModel.Initialize(TextGeneratorTests.Tiny, 1), LlamaPromptOptimizerTests.Words, LlamaPromptOptimizerTests.Plain,
        new() { Sampling = new() { Temperature = 0.9, MaxNewTokens = 20, StopIds = [] }, ModelId = "tiny" });

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

    [Fact]
    public async Task GetResponse_ManyCallsAtOnce_SayWhatEachSaysAlone()
    {
        using var client = Tiny();
        var together = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => client.GetResponseAsync($"w{i}", new() { Seed = i })));
        for (var i = 0; i < together.Length; i++)
            Assert.Equal((await client.GetResponseAsync($"w{i}", new() { Seed = i })).Text, together[i].Text);
    }

    [Fact]
    public async Task UseLlamaChat_SavedFolder_IsTheJudgesAndTheApplicationsClient()
    {
        var folder = Directory.CreateTempSubdirectory("vpo-chat-").FullName;
        try
        {
            using (var model = LlamaModel.Initialize(TextGeneratorTests.Tiny, 1))
                LlamaFolder.Save(folder, model);
            LlamaFolder.SaveTokenizer(folder, LlamaPromptOptimizerTests.Words, LlamaPromptOptimizerTests.Plain, "<eos>");
            var services = new ServiceCollection();
            var options = new LlamaChatOptions { Sampling = new() { Greedy = true, MaxNewTokens = 5 }, Weights = WeightType.Int8, ModelId = "m" };
            services.AddVpo("small").UseLlamaChat(folder, options);
            services.AddVpo().UseLlamaChat(folder, options, calls => calls.Use((messages, settings, next, ct) => next(messages, settings, ct)));
            await using var provider = services.BuildServiceProvider();
            var response = await provider.GetRequiredService<IChatClient>().GetResponseAsync("w1 w2");
            Assert.Equal(("m", response.Text), (response.ModelId, (await provider.GetRequiredKeyedService<IChatClient>("small").GetResponseAsync("w1 w2")).Text));
            Assert.NotNull(await provider.GetRequiredService<IJudge>().JudgeAsync("w1", "w2"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact, Trait("Category", "Weights")]
    public async Task GetResponse_RealModel_Answers()
    {
        using var client = LlamaChatClient.Open(Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        var response = await client.GetResponseAsync("What is the capital of France?", new() { MaxOutputTokens = 16 });
        Assert.Contains("Paris", response.Text);
    }
}
