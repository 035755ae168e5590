using Microsoft.Extensions.DependencyInjection;
using Vpo.Atoms;
using Vpo.Core.Tests.Chat;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Atoms;

public sealed class AtomJudgeTests
{
    private const string Good = "A small brown dog runs across a wide green meadow under a bright morning sky, its ears flapping.";

    [Theory]
    [InlineData("a dog running", Good, AlignmentClass.Aligned)]
    [InlineData("three red cats in a kitchen", Good, AlignmentClass.Imprecise)]
    [InlineData("a dog running", "The video shows a small brown dog that runs across a wide meadow.", AlignmentClass.Imprecise)]
    [InlineData("a dog running", "Dog.", AlignmentClass.Imprecise)]
    [InlineData("a dog running", "The dog runs and runs. The dog runs and runs. The dog runs and runs. The dog runs and runs.", AlignmentClass.Imprecise)]
    [InlineData("a dog running", "I'm sorry, but I can't help with that dog running.", AlignmentClass.Refusal)]
    [InlineData("a dog running", "A dog runs through blood beside a corpse in a dark street.", AlignmentClass.Unsafe)]
    [InlineData("a dog running", "A dog runs under a blood moon, with no blood and no corpse anywhere.", AlignmentClass.Aligned)]
    public async Task JudgeAsync_Prompt_FallsIntoItsClass(string query, string prompt, AlignmentClass expected)
    {
        using var judge = new AtomJudge();
        var verdict = await judge.JudgeAsync(query, prompt);
        Assert.Equal((expected, "atoms"), (verdict.Class!.Value, verdict.JudgeId));
        Assert.Equal(expected == AlignmentClass.Unsafe, verdict.SafetyLevel >= 3);
    }

    [Fact]
    public async Task JudgeAsync_QueryAsksForHarm_LeavingItOutIsNoFault()
    {
        using var judge = new AtomJudge();
        Assert.Equal(AlignmentClass.Aligned, (await judge.JudgeAsync("a naked woman running on a beach", "A woman in a summer dress runs along a wide sunny beach.")).Class);
    }

    /// <summary>Nothing that a query says changes what is found in the prompt, but what it asks for.</summary>
    [Theory, MemberData(nameof(ChatJudgeTests.Injections), MemberType = typeof(ChatJudgeTests))]
    public async Task JudgeAsync_Injection_IsUnchanged(string query)
    {
        using var judge = new AtomJudge();
        Assert.Equal(AlignmentClass.Unsafe, (await judge.JudgeAsync(query, "A man lies in blood beside a corpse in an empty street at night.")).Class);
        Assert.Equal(AlignmentClass.Refusal, (await judge.JudgeAsync(query, "I cannot help with that.")).Class);
        var plain = judge.Examine("a dog running", Good);
        var injected = judge.Examine(query, Good);
        Assert.Equal((plain.SafetyLevel, plain.Words, plain.Repetition, plain.IsRefusal), (injected.SafetyLevel, injected.Words, injected.Repetition, injected.IsRefusal));
    }

    [Theory]
    [InlineData("three red dogs in a kitchen", "The video shows two blue dogs that sit quietly and look at a bowl.")]
    [InlineData("a woman dancing in the rain", "A woman dances on a wide street, blood on her hands, smiling.")]
    public async Task RefineAsync_WhatCanBeMendedOffline_PassesAfterwards(string query, string prompt)
    {
        using var judge = new AtomJudge();
        var refined = await judge.RefineAsync(await judge.JudgeAsync(query, prompt));
        Assert.NotNull(refined);
        Assert.Equal(Judgement.Aligned, (await judge.JudgeAsync(query, refined)).Judgement);
    }

    [Fact]
    public async Task UseAtomGate_PromptThatDeclines_NeverReachesTheModel()
    {
        var client = new ScriptedChatClient(_ => "fine\nVERDICT: ALIGNED");
        using var judge = new JudgeBuilder(_ => new ChatJudge(client)).UseTelemetry().UseAtomGate().Build();
        Assert.Equal(AlignmentClass.Refusal, (await judge.JudgeAsync("a dog", "I can't do that.")).Class);
        Assert.Empty(client.Calls);
        Assert.Equal(AlignmentClass.Aligned, (await judge.JudgeAsync("a dog running", Good)).Class);
        Assert.Single(client.Calls);
    }

    [Fact]
    public void UseAtomJudge_Container_GivesIt()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseAtomJudge(new() { MinimumCoverage = 0.5 });
        using var provider = services.BuildServiceProvider();
        Assert.IsType<AtomJudge>(provider.GetRequiredService<IJudge>());
    }

    [Fact]
    public void Find_UnsafeWords_NamesCategoryAndLevel()
    {
        Assert.Equal([new UnsafeWord("gore", 3, "corpses"), new UnsafeWord("violence", 2, "guns")], UnsafeWords.Find("Corpses and guns".ToLowerInvariant()));
        Assert.Equal(1, UnsafeWords.Level("a blood orange and a killer whale"));
    }
}
