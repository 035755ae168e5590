using CsCheck;

namespace Vpo.MiniWorld.Tests;

public class WorldTests
{
    private static readonly Gen<Scene> Scenes = Gen.Int[0, int.MaxValue].Select(seed => Scene.Draw(new Random(seed)));

    [Fact]
    public void Captions_AnySceneAndStyle_ParseBackToTheScene() =>
        Gen.Select(Scenes, Gen.Int[0, 4]).Sample((scene, style) =>
        {
            var caption = Captions.Write(scene, (CaptionStyle)style);
            var reading = CaptionParser.ReadPrompt(caption);
            Assert.Equal(Description.Of(scene), reading.Description);
            Assert.Empty(reading.Contradictions);
            Assert.True(reading.Description.IsComplete);
            Assert.InRange(caption.Split(' ').Length, 20, 27);
            Assert.Equal(style >= 3, Captions.IsFlowery(caption));
            Assert.Equal((CaptionStyle)style, Captions.StyleOf(caption));
        });

    [Fact]
    public void Queries_ManySeeds_AreKnownWordsAndNameSomething()
    {
        var named = new Dictionary<Aspect, int>();
        var queries = MiniQueries.Draw(4000, QuerySplit.Train, 7, 0.2);
        foreach (var query in queries)
        {
            Assert.Null(MiniWorldGuide.Explain(query.Text));
            Assert.Equal(query.Unsafe, Lexicon.Words(query.Text).Any(Lexicon.UnsafeWords.Contains));
            foreach (var aspect in CaptionParser.ReadQuery(query.Text).Named)
                named[aspect] = named.GetValueOrDefault(aspect) + 1;
        }
        Assert.InRange(queries.Count(q => q.Unsafe == true) / 4000.0, 0.17, 0.23);
        Assert.All(Lexicon.Aspects, aspect => Assert.InRange(named[aspect] / 4000.0, 0.2, 0.9));
    }

    [Fact]
    public void Queries_OfBothSplits_ShareNoText()
    {
        var train = MiniQueries.Draw(3000, QuerySplit.Train, 1).Select(q => q.Text).ToHashSet();
        Assert.DoesNotContain(MiniQueries.Draw(1000, QuerySplit.HeldOut, 2), q => train.Contains(q.Text));
        Assert.Equal(train, MiniQueries.Draw(3000, QuerySplit.Train, 1).Select(q => q.Text).ToHashSet());
    }

    [Fact]
    public void Query_WithUnknownWords_IsExplained()
    {
        var message = MiniWorldGuide.Explain("a cute dog on the grass");
        Assert.NotNull(message);
        Assert.Contains("'cute'", message);
        Assert.Contains("'dog'", message);
        Assert.Contains("triangle", message);
        Assert.Null(MiniWorldGuide.Explain("red ball"));
    }

    [Fact]
    public void Scene_CompletedFromADescription_KeepsIt() =>
        Gen.Select(Scenes, Gen.Int[0, 63], Gen.Int).Sample((scene, mask, seed) =>
        {
            var asked = Description.Of(scene);
            foreach (var aspect in Lexicon.Aspects)
                if ((mask >> (int)aspect & 1) == 0)
                    asked = asked.With(aspect, null);
            var whole = Description.Of(asked.Complete(new Random(seed)));
            Assert.All(asked.Named, aspect => Assert.Equal(asked[aspect], whole[aspect]));
        });
}
