using CsCheck;
using Vpo.Curation.Similarity;
using Vpo.Queries;

namespace Vpo.Tests.Curation;

public sealed class NearDuplicatesTests
{
    /// <summary>Few words, so that many texts are near; some hold a word several times.</summary>
    private static readonly Gen<string[]> Texts =
        Gen.Int[0, 5].Array[0, 14].Select(words => string.Join(' ', words.Select(w => "abcdef"[w]))).Array[0, 24];

    private static double Similarity(string a, string b) =>
        Math.Max(Bleu.Sentence(Bleu.Words(a), [Bleu.Words(b)]), Bleu.Sentence(Bleu.Words(b), [Bleu.Words(a)]));

    /// <summary>The definition, pair by pair.</summary>
    private static int[] ByDefinition(string[] texts, double threshold, int given)
    {
        var repeats = new int[texts.Length];
        for (var i = 0; i < texts.Length; i++)
            repeats[i] = i < given ? NearDuplicates.Kept : Enumerable.Range(0, i).Where(j => repeats[j] == NearDuplicates.Kept && Similarity(texts[i], texts[j]) >= threshold).DefaultIfEmpty(NearDuplicates.Kept).First();
        return repeats;
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(0.9)]
    public void Find_AnyTexts_IsTheDefinition(double threshold) => Gen.Select(Texts, Gen.Int[0, 3]).Sample((texts, given) =>
    {
        given = Math.Min(given, texts.Length);
        Assert.Equal(ByDefinition(texts, threshold, given), NearDuplicates.Find(new([.. texts.Select(WordHashes.Of)]), threshold, given, 2, null, CancellationToken.None));
    }, iter: 150);

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.7)]
    public void FindPart_AllPartsTogether_AreTheDefinition(double threshold) => Gen.Select(Texts, Gen.Int[0, 3], Gen.Int[1, 5]).Sample((texts, given, parts) =>
    {
        given = Math.Min(given, texts.Length);
        // Parts of 64 texts would hold them all: the texts stand there several times, other words behind some.
        string[] many = [.. texts[..given], .. Enumerable.Range(0, 12).SelectMany(round => texts.Select((t, i) => i % 3 == round % 3 ? t : $"{t} {round}"))];
        var (found, table) = (Enumerable.Repeat(NearDuplicates.Kept, many.Length).ToArray(), new WordTable([.. many.Select(WordHashes.Of)]));
        for (var part = parts - 1; part >= 0; part--)
        {
            foreach (var (text, original) in NearDuplicates.FindPart(table, threshold, given, new(part, parts), 2, null, CancellationToken.None))
                found[text] = original;
        }
        Assert.Equal(NearDuplicates.Find(table, threshold, given, 1, null, CancellationToken.None), found);
    }, iter: 20);

    [Fact]
    public void Similarity_AnyTwoTexts_IsBleu() => Texts.Where(t => t.Length >= 2).Sample(texts =>
    {
        var grams = new SharedGrams(new([.. texts.Select(WordHashes.Of)]), new(0.7));
        for (var b = 1; b < texts.Length; b++)
        {
            Assert.Equal(Similarity(texts[0], texts[b]), grams.Similarity(0, b), 12);
            Assert.Equal(Similarity(texts[0], texts[b]) >= 0.7, grams.AreNear(0, b));
        }
    }, iter: 300);

    [Fact]
    public void Find_SameNegativesOtherWish_KeepsBoth()
    {
        const string Negatives = " -neg morphing, erratic fluctuation in motion, noisy, bad quality, distorted, poorly drawn, blurry, grainy, low resolution";
        string[] wishes = ["a Boerboel wearing a tuxedo", "guy in the gym", "a guy in the gym"];
        var table = new WordTable([.. wishes.Select(w => WordHashes.Of(w + Negatives))], [.. wishes.Select(WordHashes.Of)]);
        Assert.Equal([-1, -1, 1], NearDuplicates.Find(table, 0.7, 0, 1, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("A red fox, running!", "a &quot;red&quot; fox  RUNNING", true)]
    [InlineData("a &quot;red&quot; caf&#xE9; &amp; fox", "A &QUOT;RED&QUOT; CAF&#XE9; &AMP; FOX", true)]
    [InlineData("don't stop", "dont stop", true)]
    [InlineData("a cat 😀", "a cat 😡", false)]
    [InlineData("20 - 11", "20 - 12", false)]
    [InlineData("!!!", "???", false)]
    public void VariantKey_OfTwoTexts_IsEqualForVariants(string a, string b, bool same) => Assert.Equal(same, VariantKey.Of(a) == VariantKey.Of(b));
}
