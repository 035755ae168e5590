using CsCheck;

namespace Vpo.Core.Tests.Preferences;

public sealed class PreferenceDatasetTests
{
    [Fact]
    public void Merge_RepetitionsAndContradictions_KeepsTheTextPair()
    {
        var text = Pair("q", "a", "b", FeedbackSource.Text);
        var merged = PreferenceDataset.Merge([text, text], [Pair("q", "b", "a"), Pair("q", "c", "b")]);
        Assert.Equal(["a>b", "c>b"], merged.Select(p => $"{p.Chosen}>{p.Rejected}").Order());
    }

    [Fact]
    public void Merge_OnePerQuery_TextGoesFirst()
    {
        var merged = PreferenceDataset.Merge([Pair("q", "a", "b", FeedbackSource.Text)], [Pair("q", "c", "b"), Pair("r", "c", "b")], onePerQuery: true);
        Assert.Equal(["q Text", "r Video"], merged.Select(p => $"{p.Query} {p.Source}").Order());
    }

    [Fact]
    public void Merge_OtherInputOrder_SameList() => Gen.Int[0, 30].Array[0, 40].Sample(numbers =>
    {
        List<PreferencePair> pairs = [.. numbers.Select(n => Pair($"q{n % 7}", $"a{n}", "b"))];
        Assert.Equal(PreferenceDataset.Merge([], pairs, seed: 5), PreferenceDataset.Merge([], Enumerable.Reverse(pairs), seed: 5));
    });

    [Fact]
    public void FlipAtRandom_ManyPairs_TurnsAboutHalf()
    {
        List<PreferencePair> pairs = [.. Enumerable.Range(0, 1000).Select(i => Pair($"q{i}", "a", "b"))];
        Assert.InRange(PreferenceDataset.FlipAtRandom(pairs, 1).Count(p => p.Chosen == "b"), 430, 570);
    }

    private static PreferencePair Pair(string query, string chosen, string rejected, FeedbackSource source = FeedbackSource.Video) =>
        new() { Query = query, Chosen = chosen, Rejected = rejected, Source = source };
}
