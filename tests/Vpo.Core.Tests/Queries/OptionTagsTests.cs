using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Vpo.Queries;

namespace Vpo.Tests.Queries;

public sealed partial class OptionTagsTests
{
    [Theory]
    [InlineData("a cat", "a cat", "", null)]
    [InlineData("a cat -ar 16:9", "a cat", "ar=16:9", null)]
    [InlineData("Volleyball player serves -ar16:9 -motion4 -gs20 -neg 3d", "Volleyball player serves", "ar=16:9|motion=4|gs=20|neg=3d", "3d")]
    [InlineData("city in the rain -gs 20 -camera zoom in  -motion 3 -ar:16:9", "city in the rain", "gs=20|camera=zoom in|motion=3|ar=16:9", null)]
    [InlineData("purple cat, -fps30 -motion 4 -ar 16:9 -camera pan left", "purple cat", "fps=30|motion=4|ar=16:9|camera=pan left", null)]
    [InlineData("neon slime —ar 16:9 —hide", "neon slime", "ar=16:9|hide=", null)]
    [InlineData("a girl in the ice --ar 16:9 -motion 3 -neg &quot;blurry, ugly&quot; -gs 8 4k", "a girl in the ice 4k", "ar=16:9|motion=3|neg=blurry, ugly|gs=8", "blurry, ugly")]
    [InlineData("engine -neg no rain -seed 9876543210 ", "engine", "neg=no rain|seed=9876543210", "rain")]
    [InlineData("sky, clouds -camera rotate clockwise  Message: SALINEROS (Font: MODERN)", "sky, clouds", "camera=rotate clockwise|message=SALINEROS|font=MODERN", null)]
    [InlineData("zero vibes  Message: EVERYTHING\nIS EMPTY (Font: BAUHAUS)", "zero vibes", "message=EVERYTHING\nIS EMPTY|font=BAUHAUS", null)]
    [InlineData("running (sunset) message: AGENDA (Font:MODERN)", "running (sunset)", "message=AGENDA|font=MODERN", null)]
    [InlineData("kids facing challenges-ar 16:9 --style raw", "kids facing challenges", "ar=16:9|style=raw", null)]
    [InlineData("hd, - ar 16:9 - gs0 - camera zoom out", "hd", "ar=16:9|gs=0|camera=zoom out", null)]
    [InlineData("flat 3-d, --tile --no people", "flat 3-d", "tile=|neg=people", "people")]
    [InlineData("old film, -24fps stonehenge -zoom out", "old film, stonehenge", "fps=24|camera=zoom out", null)]
    [InlineData("drama --v 5.2 --s 750 --q 2 --16:9", "drama", "version=5.2|stylize=750|quality=2|ar=16:9", null)]
    [InlineData("Negative prompt: (worst quality), fog\na robot", "a robot", "neg=(worst quality), fog", "(worst quality), fog")]
    [InlineData("slow-motion 4 dogs, stop-motion 3d, state-of-the-art -super 8 film", "slow-motion 4 dogs, stop-motion 3d, state-of-the-art -super 8 film", "", null)]
    [InlineData("20 - 11 coins = 9 coins", "20 - 11 coins = 9 coins", "", null)]
    [InlineData("a 16:9 picture - cinematic -4k -realistic lighting", "a 16:9 picture - cinematic -4k -realistic lighting", "", null)]
    [InlineData("use of - negative space in design", "use of - negative space in design", "", null)]
    [InlineData("the tentacles message: of an octopus", "the tentacles message: of an octopus", "", null)]
    [InlineData("caf&#233; &amp;quot;Luna&amp;quot;", "café \"Luna\"", "", null)]
    [InlineData("-ar 16:9", "", "ar=16:9", null)]
    public void Parse_RealQuery_GivesWishOptionsAndNegative(string query, string wish, string options, string? negative)
    {
        var parsed = OptionTags.Parse(query);
        Assert.Equal(wish, parsed.Text);
        Assert.Equal(options, string.Join('|', parsed.Options.Select(o => $"{o.Name}={o.Value}")));
        Assert.Equal(negative, parsed.NegativePrompt);
    }

    private static readonly string[] Pieces =
    [
        "a cat", " ", "\n", "  ", ",", "-", "--", "—", "-ar", "ar", " 16:9", "16", ":", "9", "-neg ", "neg:", "negative prompt: ", "\"", "“", "”", "-camera", " zoom", " in", " pan left", "-gs 8", "-motion", " 2", "4k",
        "Message:", "(Font:", ")", "(", "&quo", "t;", "&amp;", "&#39;", "--no ", "-hide", "--v 5.2", "fps", "-seed 1", "no ", "é", "\u00a0", "\r\n", "slow",
    ];

    private static readonly Gen<string> AnyQuery = Gen.OneOf(Gen.String, Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]).Array[0, 14].Select(string.Concat));

    [Fact]
    public void Parse_AnyText_LosesNothing() => AnyQuery.Sample(text => Assert.Equal(HtmlText.Decode(text), OptionTags.Parse(text).Reassemble()), iter: 20_000);

    [Fact]
    public void Parse_ItsOwnWish_FindsNothingMore() => AnyQuery.Sample(text =>
    {
        var wish = OptionTags.Parse(text).Text;
        var again = OptionTags.Parse(wish);
        Assert.Empty(again.Options);
        Assert.Equal(wish, again.Text);
    }, iter: 20_000);

    [Fact]
    public void Parse_LongAndOdd_IsFast()
    {
        foreach (var piece in new[] { "message: ", "-neg ", "-ar 16:9 ", "--", "- ", "&amp;", "negative prompt", "-camera zoom in ", "(", "&" })
            Assert.Equal(HtmlText.Decode(string.Concat(Enumerable.Repeat(piece, 1000))), OptionTags.Parse(string.Concat(Enumerable.Repeat(piece, 1000))).Reassemble());
    }

    /// <summary>What still looks like an option with a value.</summary>
    [GeneratedRegex(@"[-\u2010-\u2015]\s*(?:ar|gs|fps|seed|neg|motion|m|hide|camera|cam|zoom|style raw|v|s|q|c|w|stylize|niji|no)(?!\p{L})\s*[:=]?\s*(?:\d|zoom|pan)|\(Font:|&(?:quot|amp|#\d+);", RegexOptions.IgnoreCase)]
    private static partial Regex Leftover();

    [Fact]
    [Trait("Category", "Weights")]
    public void Parse_ReleasedQueries_TakesAllOptions()
    {
        string[] queries = [.. new[] { "sft", "dpo" }.SelectMany(n => JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Data($"vpo/{n}_prompts.json")))!)];
        Assert.Equal(21_596, queries.Length);
        var parsed = queries.Select(OptionTags.Parse).ToList();
        var left = parsed.Where(p => Leftover().IsMatch(p.Text)).Select(p => p.Text).ToList();
        var counts = parsed.SelectMany(p => p.Options.Select(o => o.Name).Distinct()).GroupBy(n => n).OrderByDescending(g => g.Count()).Select(g => $"{g.Key} {g.Count()}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{parsed.Count(p => p.Options.Count > 0)} queries with options: {string.Join(", ", counts)}\nleft {left.Count}:\n{string.Join("\n", left)}");
        Assert.True(left.Count <= 12, string.Join("\n", left));
        Assert.All(parsed.Zip(queries), p => Assert.Equal(HtmlText.Decode(p.Second), p.First.Reassemble()));
    }
}
