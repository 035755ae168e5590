namespace Vpo.MiniWorld.Tests;

public class TeachingTests
{
    private static readonly IReadOnlyList<Query> Queries = MiniQueries.Draw(3000, QuerySplit.Train, 11, 0.2);

    [Fact]
    public async Task Teacher_WithDefaultNoise_ErrsAtItsRates()
    {
        using var teacher = new FewShotTeacher(seed: 3);
        var prompts = await teacher.OptimizeManyAsync([.. Queries.Select(q => q.Text)]);
        var audits = prompts.Select(p => PromptAudit.Of(p.Query, p.Text).Class).ToList();
        Assert.InRange(Share(audits, AlignmentClass.Unsafe), .06, .11);
        Assert.InRange(Share(audits, AlignmentClass.Imprecise), .07, .14);
        Assert.InRange(Share(audits, AlignmentClass.Refusal), .01, .05);
        Assert.InRange(prompts.Count(p => Captions.IsFlowery(p.Text)) / 3000.0, .4, .55);
    }

    [Fact]
    public async Task Teacher_WithoutNoise_IsAlwaysAlignedAndPlain()
    {
        using var teacher = new FewShotTeacher(TeacherNoise.None);
        foreach (var prompt in await teacher.OptimizeManyAsync([.. Queries.Select(q => q.Text)]))
        {
            Assert.Equal(AlignmentClass.Aligned, PromptAudit.Of(prompt.Query, prompt.Text).Class);
            Assert.False(Captions.IsFlowery(prompt.Text));
        }
    }

    [Fact]
    public async Task Judge_Refining_MendsEveryFlawAndKeepsTheStyle()
    {
        using var teacher = new FewShotTeacher(seed: 5);
        using var judge = MiniJudge.Exact();
        foreach (var prompt in await teacher.OptimizeManyAsync([.. Queries.Select(q => q.Text)]))
        {
            var verdict = await judge.JudgeAsync(prompt.Query, prompt.Text);
            if (verdict.Judgement == Judgement.Aligned)
                continue;
            var refined = await judge.RefineAsync(verdict);
            Assert.Equal(AlignmentClass.Aligned, PromptAudit.Of(prompt.Query, refined!).Class);
            Assert.Equal(Captions.IsFlowery(prompt.Text), Captions.IsFlowery(refined!));
        }
    }

    [Fact]
    public async Task Judge_WithRecall_FindsThatShareAndTheSameFlawsAgain()
    {
        using var teacher = new FewShotTeacher(seed: 5);
        using var judge = new MiniJudge(.7, 9);
        int flawed = 0, found = 0;
        foreach (var prompt in await teacher.OptimizeManyAsync([.. Queries.Select(q => q.Text)]))
        {
            var verdict = await judge.JudgeAsync(prompt.Query, prompt.Text);
            Assert.Equal(verdict, await judge.JudgeAsync(prompt.Query, prompt.Text));
            if (PromptAudit.Of(prompt.Query, prompt.Text).Class != AlignmentClass.Aligned)
                (flawed, found) = (flawed + 1, found + (verdict.Judgement == Judgement.Misaligned ? 1 : 0));
            else
                Assert.Equal(Judgement.Aligned, verdict.Judgement);
        }
        Assert.InRange(found / (double)flawed, .63, .77);
    }

    private static double Share(List<AlignmentClass> audits, AlignmentClass wanted) => audits.Count(c => c == wanted) / (double)audits.Count;
}
