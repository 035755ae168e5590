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

    /// <summary>Odd and abstract wishes are drafted: a model that declines at first is told how.</summary>
    [Theory]
    [InlineData("20 - 11 coins = 9 coins")]
    [InlineData("I love you")]
    [InlineData("of life and movement to this image")]
    [InlineData("top signal in crypto")]
    public async Task OptimizeAsync_ModelDeclinesAnOddWish_IsAskedAgainAndDrafts(string query)
    {
        var client = new ScriptedChatClient(m => m.Count == 2 ? "I'm sorry, I can't make a video of that." : "Twenty coins lie on a table; a hand takes eleven away and nine remain.");
        using var optimizer = new ChatPromptOptimizer(client);
        var prompt = await optimizer.OptimizeAsync(query);
        Assert.Equal(("Twenty coins lie on a table; a hand takes eleven away and nine remain.", null), (prompt.Text, prompt.FallbackReason));
        Assert.Equal(ChatTemplates.Insist, client.Calls[1][^1].Text);
        Assert.Equal(client.Calls[0].Select(m => m.Text), client.Calls[1].Take(2).Select(m => m.Text));
    }

    [Fact]
    public async Task OptimizeAsync_Shots_AreChosenBySeedAndNeverTheQueryItself()
    {
        var pool = new ShotPool([.. Enumerable.Range(0, 40).Select(i => new Demonstration($"q{i}", $"p{i}"))]);
        async Task<string[]> Shown(ShotPool shots, long seed)
        {
            var client = new ScriptedChatClient(_ => "x");
            using var optimizer = new ChatPromptOptimizer(client, new() { Shots = shots, ShotCount = 5, ShotSeed = seed });
            await optimizer.OptimizeAsync("q7");
            return [.. client.Calls[0].Where(m => m.Role == ChatRole.Assistant).Select(m => m.Text)];
        }
        var shown = await Shown(pool, 1);
        Assert.Equal(5, shown.Length);
        Assert.DoesNotContain("p7", shown);
        Assert.Equal(shown, await Shown(new([.. pool.All.Reverse()]), 1));
        Assert.NotEqual(shown, await Shown(pool, 2));
    }

    [Fact]
    public void LoadLines_ReleasedRewrites_AreShotsAndDemonstrations()
    {
        foreach (var (name, count) in new[] { ("all_dimension", 946), ("all_category", 800), ("vbench2", 1013) })
        {
            var pool = ShotPool.LoadLines(Repository.Data($"vbench/{name}.txt"), Repository.Data($"vbench/{name}_gpt.txt"));
            Assert.InRange(pool.All.Count, count / 2, count);
            Assert.All(pool.All, d => Assert.False(string.IsNullOrWhiteSpace(d.Query) || string.IsNullOrWhiteSpace(d.Prompt)));
            Assert.Equal(3, pool.Choose("a dog", 3).Count);
        }
    }

    [Fact]
    public void Load_JsonLines_NamesTheBadLine()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "shots.jsonl");
        File.WriteAllText(path, "{\"query\":\"a\",\"prompt\":\"b\"}\n\n{\"query\":\"a\"}\n");
        Assert.Contains("shots.jsonl:3: expected a JSON object with the texts query and prompt", Assert.Throws<InvalidDataException>(() => ShotPool.Load(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "{\"query\":\"a\",\"prompt\":\"b\"}\n");
        Assert.Equal([new Demonstration("a", "b")], ShotPool.Load(path).All);
    }

    [Fact]
    public void LoadTemplates_Folder_ReplacesWhatItHolds()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "judge.txt"), "Be strict.\n");
        var set = ChatTemplateSet.Load(folder.Path);
        Assert.Equal(("Be strict.", ChatTemplates.Refine), (set.Judge, set.Refine));
        File.WriteAllText(Path.Combine(folder.Path, "jugde.txt"), "x");
        Assert.Contains("jugde.txt", Assert.Throws<InvalidDataException>(() => ChatTemplateSet.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MendAsync_ModelRewritesTheSentence_OthersStay()
    {
        var client = new ScriptedChatClient(_ => "Three red dogs sit beside the road.");
        var mended = await new ChatPromptRepair(client).MendAsync("three red dogs", "The sun is up.  Two dogs sit beside the road. Birds sing.");
        Assert.Equal("The sun is up.  Three red dogs sit beside the road. Birds sing.", mended.Text);
        Assert.Equal([1], mended.Sentences);
        Assert.Single(client.Calls);
    }

    [Theory]
    [InlineData("I'm sorry, I can't.")]
    [InlineData("A cat. And more.")]
    [InlineData("")]
    public async Task MendAsync_UselessRewrite_IsMendedOffline(string reply)
    {
        var mended = await new ChatPromptRepair(new ScriptedChatClient(_ => reply)).MendAsync("three red dogs", "The sun is up. Two dogs sit here.");
        Assert.Equal("The sun is up. Three red dogs sit here.", mended.Text);
        Assert.Empty(mended.Failed);
    }
}
