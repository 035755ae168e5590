using Microsoft.Extensions.AI;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Chat;

public sealed class ChatPromptOptimizerTests
{
    [Theory]
    [InlineData("A dog runs.", "A dog runs.")]
    [InlineData("\"A dog runs.\"", "A dog runs.")]
    [InlineData("**Optimized Prompt:** A dog\nruns.", "A dog runs.")]
    [InlineData("```text\nA dog runs.\n```", "A dog runs.")]
    [InlineData("Sure! Here is the prompt: “A dog runs.”", "A dog runs.")]
    [InlineData("\"Stop\" says the sign, \"Go\" the other.", "\"Stop\" says the sign, \"Go\" the other.")]
    public async Task OptimizeAsync_Reply_IsCleaned(string reply, string expected)
    {
        using var optimizer = new ChatPromptOptimizer(new ScriptedChatClient(_ => reply));
        var prompt = await optimizer.OptimizeAsync("dog");
        Assert.Equal((expected, null), (prompt.Text, prompt.FallbackReason));
    }

    [Theory]
    [InlineData("", "the model's reply was empty")]
    [InlineData("I'm sorry, but I can't help with that.", "the model declined")]
    [InlineData("I cannot write this.", "the model declined")]
    public async Task OptimizeAsync_NoPrompt_FallsBackWithTheReason(string reply, string reason)
    {
        using var optimizer = new ChatPromptOptimizer(new ScriptedChatClient(_ => reply));
        var prompt = await optimizer.OptimizeAsync("20 - 11 coins = 9 coins");
        Assert.Equal(("20 - 11 coins = 9 coins", reason), (prompt.Text, prompt.FallbackReason));
    }

    [Fact]
    public async Task OptimizeAsync_Examples_AreEarlierTurns()
    {
        var client = new ScriptedChatClient(_ => "x");
        using var optimizer = new ChatPromptOptimizer(client, new() { Examples = [new("a cat", "A cat sleeps.")] });
        var prompt = await optimizer.OptimizeAsync("dog", new() { Count = 3, Seed = 5 });
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User], client.Calls[0].Select(m => m.Role));
        Assert.Equal("A cat sleeps.", client.Calls[0][2].Text);
        Assert.Equal((3, 2), (client.Calls.Count, prompt.Alternatives.Count));
    }

    [Fact]
    public async Task OptimizeAsync_TokenBudget_IsAskedForInWords()
    {
        var client = new ScriptedChatClient(_ => "x");
        using var optimizer = new ChatPromptOptimizer(client);
        await optimizer.OptimizeAsync("dog", new() { TokenBudget = 226 });
        Assert.EndsWith("\nUse at most 158 words.", client.Calls[0][0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OptimizeAsync_CountOutOfRange_IsRefused()
    {
        using var optimizer = new ChatPromptOptimizer(new ScriptedChatClient(_ => "x"));
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => optimizer.OptimizeAsync("dog", new() { Count = 0 }));
        Assert.StartsWith("expected 1 to 64 (Parameter 'Count')", error.Message, StringComparison.Ordinal);
    }
}
