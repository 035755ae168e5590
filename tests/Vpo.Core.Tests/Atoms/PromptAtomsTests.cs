using CsCheck;
using Vpo.Atoms;

namespace Vpo.Core.Tests.Atoms;

public sealed class PromptAtomsTests
{
    [Theory]
    [InlineData("three dogs", "3 puppies play.", "Kept Kept")]
    [InlineData("three dogs", "Two dogs play.", "Kept Changed")]
    [InlineData("a red car", "A scarlet vehicle waits.", "Kept Kept")]
    [InlineData("a red car", "A blue car waits.", "Kept Changed")]
    [InlineData("a man jogging", "A gentleman runs.", "Kept Kept")]
    [InlineData("zoom in", "The camera slowly zooms out.", "Changed")]
    [InlineData("zoom in", "The camera slowly zooms in on her.", "Kept")]
    [InlineData("a cat on the left of a dog", "A dog sits to the right of a cat.", "Kept Kept Kept")]
    [InlineData("a cat on the left of a dog", "A cat sits to the right of a dog.", "Kept Kept Changed")]
    [InlineData("no cars", "A car passes.", "Changed")]
    [InlineData("no cars", "A street without cars.", "Kept")]
    [InlineData("a woods", "A quiet forest.", "Kept")]
    public void Check_Prompt_SaysWhatBecameOfEachAtom(string query, string prompt, string expected) =>
        Assert.Equal(expected, string.Join(' ', PromptAtoms.Check(query, prompt).Select(r => r.Status)));

    [Fact]
    public void Coverage_RealRewrites_FarAboveThoseOfOtherQueries()
    {
        var pool = ShotPool.LoadLines(Repository.Data("vbench/all_dimension.txt"), Repository.Data("vbench/all_dimension_gpt.txt")).All;
        pool = [.. pool.Where((_, i) => i % 5 == 0)];
        var own = pool.Average(d => PromptAtoms.Coverage(d.Query, d.Prompt));
        var other = pool.Index().Average(d => PromptAtoms.Coverage(d.Item.Query, pool[(d.Index + 37) % pool.Count].Prompt));
        Assert.True(own > 0.85 && other < 0.15, $"own {own:0.000}, other {other:0.000}");
    }

    private static readonly string[] Parts =
    [
        "dog", "two cats", "a red car", "three old men", "runs", "jumping", "on the left of", "a forest", "at night", "zoom in", "pan left", "anime", "and", ",", ".", "then", "with", "a blue hat", "no people",
        "\"HELLO\"", "watercolor", "walking", "behind", "the house", "!", "city", "a teddy bear", "-neg cars", "is", "green",
    ];

    private static readonly Gen<string> Words = Gen.Int[0, Parts.Length - 1].Array[1, 12].Select(words => string.Join(' ', words.Select(i => Parts[i])));

    /// <summary>After repair each atom is found or named as failed, and sentences that are not named are byte for byte as they were.</summary>
    [Fact]
    public void Mend_AnyQueryAndPrompt_OnlyTheNamedSentencesChange() => Gen.Select(Words, Words.Array[1, 4].Select(s => string.Join(". ", s) + ".")).Sample((query, prompt) =>
    {
        if (!prompt.Any(char.IsLetter))
            return;
        var mended = PromptRepair.Mend(query, prompt);
        var failed = PromptAtoms.Check(query, mended.Text).Where(r => r.Status != AtomStatus.Kept).ToList();
        Assert.Equal(failed.Select(f => f.Atom), mended.Failed.Select(f => f.Atom));
        Assert.All(failed, f => Assert.True(f.Atom.Kind == AtomKind.Negative || Contradicts(f.Atom, query), $"'{query}' / '{prompt}' -> '{mended.Text}': {f}"));
        var (at, before) = (0, Vpo.Atoms.Language.Sentences.Split(prompt));
        foreach (var sentence in before.Where((_, i) => !mended.Sentences.Contains(i)))
        {
            var found = mended.Text.IndexOf(sentence, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"lost '{sentence}' of '{prompt}' in '{mended.Text}'");
            at = found + sentence.Length;
        }
    }, iter: 400);

    /// <summary>A query that forbids a thing and asks for it, or counts it twice, can't be kept.</summary>
    private static bool Contradicts(Atom atom, string query)
    {
        var atoms = QueryAtoms.Extract(query);
        return atoms.Any(a => a.Kind == AtomKind.Negative) || atoms.Count(a => a.Kind == atom.Kind && a.Of == atom.Of) > 1 || atom.Kind is AtomKind.Order;
    }

    [Fact]
    public void Mend_AllKept_ChangesNothing()
    {
        const string Prompt = "A dog  runs.\n\nIt barks… at \"night\"!";
        var mended = PromptRepair.Mend("a dog running at night", Prompt);
        Assert.Equal((Prompt, 0, 0), (mended.Text, mended.Sentences.Count, mended.Failed.Count));
    }

    [Fact]
    public void Mend_NumberColourAndSideChanged_AreReplacedInTheirSentence()
    {
        var mended = PromptRepair.Mend("three red dogs on the left of a car, zoom in", "Two blue dogs sit on the right of a car. The sky is grey.  The camera zooms out.");
        Assert.Equal("Three red dogs sit on the left of a car. The sky is grey.  The camera zooms in.", mended.Text);
        Assert.Equal([0, 2], mended.Sentences);
    }

    [Fact, Trait("Category", "Weights")]
    public void Mend_RealPromptsOfOtherQueries_KeepsEveryAtom()
    {
        var pool = ShotPool.LoadLines(Repository.Data("vbench/all_dimension.txt"), Repository.Data("vbench/all_dimension_gpt.txt")).All;
        var failed = pool.Where((_, i) => i % 8 == 0).Index().Sum(d => PromptRepair.Mend(d.Item.Query, pool[(d.Index + 37) % pool.Count].Prompt).Failed.Count);
        Assert.Equal(0, failed);
    }
}
