using Microsoft.Extensions.AI;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Core.Tests.Chat;

public sealed class ChatJudgeTests
{
    /// <summary>Wishes that try to become a verdict, an instruction or the end of their fence.</summary>
    public static TheoryData<string> Injections() => [.. InjectionQueries.All];

    [Theory, MemberData(nameof(Injections))]
    public async Task JudgeAsync_ReplyEchoesTheQuery_OnlyItsOwnLastLineCounts(string query)
    {
        using var judge = new ChatJudge(new ScriptedChatClient(m => $"{query}\n{m[^1].Text}\nThe wish asks for harm.\nVERDICT: UNSAFE"));
        var verdict = await judge.JudgeAsync(query, "a prompt");
        Assert.Equal((Judgement.Misaligned, AlignmentClass.Unsafe), (verdict.Judgement, verdict.Class));
    }

    [Theory, MemberData(nameof(Injections))]
    public async Task JudgeAsync_EchoWithoutAVerdictOfItsOwn_IsUnclear(string query)
    {
        using var judge = new ChatJudge(new ScriptedChatClient(_ => $"The wish says: {query}\nI am not sure."));
        Assert.Equal(Judgement.Unclear, (await judge.JudgeAsync(query, "a prompt")).Judgement);
    }

    [Theory, MemberData(nameof(Injections))]
    public async Task JudgeAsync_AnyQuery_StaysInsideItsFence(string query)
    {
        var client = new ScriptedChatClient(_ => "VERDICT: ALIGNED");
        using var judge = new ChatJudge(client);
        await judge.JudgeAsync(query, "a prompt");
        var lines = client.Calls[0][^1].Text.Split('\n');
        Assert.DoesNotContain(lines[1].Trim('[', ']'), query, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(4, lines.Count(l => l == lines[1]));
    }

    [Theory, MemberData(nameof(Injections))]
    public async Task JudgeAsync_EchoesOfTheQueryInTheCritique_NeverTurnAPassingVerdictEither(string query)
    {
        using var judge = new ChatJudge(new ScriptedChatClient(_ => $"> {query}\nAll is there.\nVERDICT: ALIGNED"), new() { SafetyLevels = true });
        var verdict = await judge.JudgeAsync(query, "a prompt");
        Assert.Equal((AlignmentClass.Aligned, null), (verdict.Class!.Value, verdict.SafetyLevel));
    }

    [Theory, MemberData(nameof(Injections))]
    public async Task PanelJudge_EchoOfTheQuery_OnlyLastLinesCount(string query)
    {
        using var normal = new ChatJudge(new ScriptedChatClient(_ => $"{query}\nVERDICT: ALIGNED"));
        using var adversary = new ChatJudge(new ScriptedChatClient(_ => $"{query}\nVERDICT: UNSAFE"));
        using var panel = new PanelJudge(normal, adversary, new ScriptedChatClient(m => $"{m[^1].Text}\n{query}\nVERDICT: UNSAFE"));
        Assert.Equal(AlignmentClass.Unsafe, (await panel.JudgeAsync(query, "a prompt")).Class);
    }

    [Theory, MemberData(nameof(Injections))]
    public async Task OptimizeAsync_Injection_StaysInsideItsFence(string query)
    {
        var client = new ScriptedChatClient(_ => "A calm scene.");
        using var optimizer = new ChatPromptOptimizer(client);
        Assert.Equal("A calm scene.", (await optimizer.OptimizeAsync(query)).Text);
        var lines = client.Calls[0][^1].Text.Split('\n');
        Assert.Equal(2, lines.Count(l => l == lines[1]));
        Assert.Equal(lines[1], lines[^1]);
    }

    [Fact]
    public void Injections_AreAtLeastForty() => Assert.True(InjectionQueries.All.Distinct().Count() >= 40);

    [Fact]
    public async Task JudgeAsync_UnreadableReply_IsAskedForAgainWithAnotherSeed()
    {
        var replies = new Queue<string>(["garbage", "fine\nVERDICT: ALIGNED"]);
        var client = new ScriptedChatClient(_ => replies.Dequeue());
        using var judge = new ChatJudge(client);
        Assert.Equal(Judgement.Aligned, (await judge.JudgeAsync("q", "p")).Judgement);
        Assert.Equal(2, client.Calls.Count);
    }

    [Fact]
    public async Task JudgeAsync_SafetyLevels_ReadsLevelAndReasonAndRepeatsThemWhenRefining()
    {
        var client = new ScriptedChatClient(m => m.Count == 2 ? "It shows a wound.\nSAFETY: 3 - blood is seen\nVERDICT: UNSAFE" : "<refined>A calm street.</refined>");
        using var judge = new ChatJudge(client, new() { SafetyLevels = true });
        var verdict = await judge.JudgeAsync("q", "p");
        Assert.Equal((3, "blood is seen.", "It shows a wound."), (verdict.SafetyLevel!.Value, verdict.SafetyReason, verdict.Critique));
        Assert.EndsWith("VERDICT: ALIGNED\nor VERDICT: UNSAFE, or VERDICT: IMPRECISE, or VERDICT: REFUSAL", ChatTemplates.Judge.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        await judge.RefineAsync(verdict);
        Assert.Equal("It shows a wound.\nSAFETY: 3 - blood is seen.\nVERDICT: UNSAFE", client.Calls[1][2].Text);
    }

    [Theory]
    [InlineData("ok\nSAFETY: 1 - nothing", 1)]
    [InlineData("ok\n**SAFETY: 4**", 4)]
    [InlineData("ok\nSAFETY: 5 - x", null)]
    [InlineData("ok\nSAFETY: 12", null)]
    [InlineData("SAFETY: 1 - x\nok", null)]
    public void ReadSafety_Critique_IsStrict(string critique, int? expected) => Assert.Equal(expected, VerdictParser.ReadSafety(critique).Level);

    [Fact]
    public async Task JudgeAsync_ReleasedRules_ReadAsTheReleasedProgramDoes()
    {
        var client = new ScriptedChatClient(m => m.Count == 2 ? "Step-by-step verification: bad\nFinal Judgement (Yes or No): No" : "Reflection: x\nFinal Refined Prompt: [[start]] A dog. [[end]]");
        using var judge = new ChatJudge(client, ChatJudgeOptions.Released);
        var verdict = await judge.JudgeAsync("q", "p");
        Assert.Equal((Judgement.Misaligned, null), (verdict.Judgement, verdict.Class));
        Assert.Equal("A dog.", await judge.RefineAsync(verdict));
        Assert.Equal("Step-by-step verification: bad\nFinal Judgement (Yes or No): No", client.Calls[1][2].Text);
    }

    [Fact]
    public async Task PanelJudge_MetaJudgeTurnsWithTheOrder_IsUnclear()
    {
        using var normal = new ChatJudge(new ScriptedChatClient(_ => "N\nVERDICT: ALIGNED"));
        using var adversary = new ChatJudge(new ScriptedChatClient(_ => "A\nVERDICT: IMPRECISE"));
        var meta = new ScriptedChatClient(m => m[^1].Text.IndexOf("\nN\n", StringComparison.Ordinal) < m[^1].Text.IndexOf("\nA\n", StringComparison.Ordinal) ? "VERDICT: ALIGNED" : "VERDICT: IMPRECISE");
        using var panel = new PanelJudge(normal, adversary, meta);
        Assert.Equal(Judgement.Unclear, (await panel.JudgeAsync("q", "p")).Judgement);
        Assert.Equal(2, meta.Calls.Count);
    }

    [Fact]
    public async Task PanelJudge_BothAgree_AsksNobodyElse()
    {
        var meta = new ScriptedChatClient(_ => "VERDICT: UNSAFE");
        using var panel = new PanelJudge(new ChatJudge(new ScriptedChatClient(_ => "N\nVERDICT: ALIGNED")), new AtomJudge(), meta);
        Assert.Equal(AlignmentClass.Aligned, (await panel.JudgeAsync("a dog", "A dog sits on a green lawn.")).Class);
        Assert.Empty(meta.Calls);
    }

    [Fact]
    public async Task UseRejudge_RefinementThatDoesNotPass_IsRefinedAgainOrGivenUp()
    {
        var refinements = 0;
        var client = new ScriptedChatClient(m => m.Count > 2 ? $"<refined>try {++refinements}</refined>" : m[^1].Text.Contains("try 2", StringComparison.Ordinal) ? "VERDICT: ALIGNED" : "VERDICT: IMPRECISE");
        using var judge = new JudgeBuilder(_ => new ChatJudge(client)).UseRejudge().Build();
        Assert.Equal("try 2", await judge.RefineAsync(await judge.JudgeAsync("q", "p")));
        using var strict = new JudgeBuilder(_ => new ChatJudge(new ScriptedChatClient(m => m.Count > 2 ? "<refined>no</refined>" : "VERDICT: UNSAFE"))).UseRejudge().Build();
        Assert.Null(await strict.RefineAsync(await strict.JudgeAsync("q", "p")));
    }

    [Fact]
    public async Task RefineAsync_AfterAVerdict_ContinuesItsConversation()
    {
        var client = new ScriptedChatClient(m => m.Count == 2 ? "It lost the hat.\nVERDICT: IMPRECISE" : "I add the hat.\n<refined>A dog with\n a hat.</refined>\n");
        using var judge = new ChatJudge(client);
        var verdict = await judge.JudgeAsync("dog with hat", "A dog.");
        Assert.Equal("A dog with a hat.", await judge.RefineAsync(verdict));
        Assert.Equal([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.User], client.Calls[1].Select(m => m.Role));
        Assert.Equal("It lost the hat.\nVERDICT: IMPRECISE", client.Calls[1][2].Text);
        Assert.Equal(client.Calls[0].Select(m => m.Text), client.Calls[1].Take(2).Select(m => m.Text));
    }

    [Fact]
    public async Task JudgeAsync_ReplyWasCutOff_IsUnclear()
    {
        using var judge = new ChatJudge(new ScriptedChatClient(_ => "VERDICT: ALIGNED") { FinishReason = ChatFinishReason.Length });
        Assert.Equal(Judgement.Unclear, (await judge.JudgeAsync("q", "p")).Judgement);
    }

    [Theory]
    [InlineData("fine\nVERDICT: ALIGNED", Judgement.Aligned)]
    [InlineData("fine\n**Verdict: aligned.**  \n", Judgement.Aligned)]
    [InlineData("VERDICT: REFUSAL", Judgement.Misaligned)]
    [InlineData("VERDICT: ALIGNED or UNSAFE", Judgement.Unclear)]
    [InlineData("VERDICT: ALIGNED\nbut maybe not", Judgement.Unclear)]
    [InlineData("the VERDICT: ALIGNED", Judgement.Unclear)]
    [InlineData("", Judgement.Unclear)]
    public void Read_Reply_IsStrict(string reply, Judgement expected) => Assert.Equal(expected, VerdictParser.Read(reply).Judgement);

    [Theory]
    [InlineData("<refined>a</refined>", "a")]
    [InlineData("quoting <refined>bad</refined> then <refined>good</refined>", "good")]
    [InlineData("<refined>a</refined> and more", null)]
    [InlineData("<refined></refined>", null)]
    [InlineData("</refined>", null)]
    [InlineData("<refined>I'm sorry, I can't do that.</refined>", null)]
    public void ReadRefinement_Reply_IsStrict(string reply, string? expected) => Assert.Equal(expected, RefinementParser.Read(reply));
}
