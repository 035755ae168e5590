using CsCheck;

namespace Vpo.Training.Data;

public sealed class TruncationTests
{
    public static TheoryData<string> Cases => Golden.Cases("truncation");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "truncation")]
    public void Lengths_Golden_EqualLlamaFactory(string name)
    {
        using var golden = GoldenCase.Open("truncation", name);
        TrainingGolden.AllowOnly(golden.Json, "family", "case", "seed", "made_with", "source", "columns", "rows", "notes", "tolerance");
        Assert.Equal(["source_len", "target_len", "cutoff_len", "kept_source", "kept_target"], golden.Json.GetProperty("columns").EnumerateArray().Select(c => c.GetString()!));
        foreach (var row in golden.Json.GetProperty("rows").EnumerateArray().Select(TrainingGolden.Ids))
            Assert.Equal((row[3], row[4]), Truncation.Lengths(row[0], row[1], row[2]));
    }

    [Fact]
    public void Lengths_AnyInput_FitTheCutoffAndNeverGrow() =>
        Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 5000], Gen.Int[1, 3000]).Sample((prompt, completion, cutoff) =>
        {
            var kept = Truncation.Lengths(prompt, completion, cutoff);
            return kept.Prompt >= 0 && kept.Completion >= 0 && kept.Prompt <= prompt && kept.Completion <= completion && kept.Prompt + kept.Completion <= cutoff;
        });

    [Fact]
    public void Truncate_ShortExample_IsTheSameObject()
    {
        var example = new TokenizedExample([1, 2], [3]);
        Assert.Same(example, example.Truncate(10));
    }

    [Fact]
    public void Truncate_LongPair_KeepsTheFirstTokensOfEach()
    {
        var cut = new PreferenceExample([1, 2, 3, 4], [5, 6, 7, 8], [9]).Truncate(4);
        Assert.Equal(([1, 2], [5, 6], [9]), (cut.Prompt, cut.Chosen, cut.Rejected), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2) && a.Item3.SequenceEqual(b.Item3));
    }
}
