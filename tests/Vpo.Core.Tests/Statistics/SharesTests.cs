using Vpo.Statistics;

namespace Vpo.Core.Tests.Statistics;

public sealed class SharesTests
{
    private static Verdict Of(Judgement judgement, AlignmentClass? alignment = null) => new() { Query = "q", Prompt = "p", Judgement = judgement, Class = alignment };

    [Fact]
    public void Alignment_Verdicts_LandInOneClassEach()
    {
        var shares = Shares.Alignment([Of(Judgement.Aligned), Of(Judgement.Misaligned), Of(Judgement.Misaligned, AlignmentClass.Unsafe), Of(Judgement.Misaligned, AlignmentClass.Refusal), Of(Judgement.Unclear)]);
        Assert.All(shares.Of.Values, e => Assert.Equal(0.2, e.Value));
        Assert.Equal((5, 1), (shares.Count, shares.Unclear));
    }

    [Fact]
    public void Of_Prompts_MeasuresWordsCharactersAndTokensOverBudget()
    {
        var lengths = PromptLengths.Of(["a cat", "a big grey cat runs", "a"], p => p.Length, budget: 10);
        Assert.Equal((8.0 / 3, 2.0, 5), (lengths.Words.Mean.Value, lengths.Words.Median, lengths.Words.Longest));
        Assert.Equal((1.0 / 3, 3), (lengths.OverBudget!.Value.Value, lengths.OverBudget.Value.Count));
        Assert.Equal(lengths.Characters, lengths.Tokens);
        Assert.Null(PromptLengths.Of(["a"]).Tokens);
    }
}
