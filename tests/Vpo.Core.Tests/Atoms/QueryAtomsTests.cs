using System.Diagnostics;
using System.Text.Json;
using Vpo.Atoms;

namespace Vpo.Core.Tests.Atoms;

public sealed class QueryAtomsTests
{
    [Theory]
    [InlineData("a red bicycle", "Subject: bicycle; Color: red bicycle")]
    [InlineData("two dogs chasing a cat on a street", "Subject: dog; Count: 2 dog; Action: chase; Subject: cat; Scene: street")]
    [InlineData("a bicycle on the left of a car, front view", "Subject: bicycle; Subject: car; Spatial: bicycle left of car; Camera: front view")]
    [InlineData("A panda playing guitar at sunset, watercolor painting, zoom in", "Subject: panda; Action: play; Subject: guitar; Light: sunset; Style: watercolor; Camera: zoom in")]
    [InlineData("a street with no cars -neg people, blurry", "Scene: street; Negative: car; Negative: person; Negative: blurry")]
    [InlineData("a man walks, then he sings", "Subject: man; Action: walk; Action: sing; Order: walk then sing")]
    [InlineData("a sign that says \"OPEN\" &amp; a rose  Message: HI THERE (Font: MODERN)", "Subject: sign; Subject: rose; Text: OPEN; Text: HI THERE")]
    [InlineData("ocean waves -camera pan left", "Subject: ocean wave; Camera: pan left")]
    [InlineData("a dog that barks at a man who smiles", "Subject: dog; Action: bark; Subject: man; Action: smile")]
    [InlineData("where elephants roam, each part grows", "Subject: elephant; Action: roam; Action: grow")]
    [InlineData("a 25-year old man, 16 mm", "Subject: man; Subject: mm")]
    [InlineData("Harry Potter in a Florida swamp", "Subject: harry potter; Scene: florida swamp")]
    [InlineData("a duel, matrix style, in the style of Jan Novak, directed by Mira Koval", "Subject: duel; Style: matrix; Style: jan novak; Style: mira koval")]
    [InlineData("a black and white cat, a house painted blue", "Subject: cat; Color: black cat; Color: white cat; Scene: house; Action: paint; Color: blue house")]
    [InlineData("a film, black and white", "Subject: film; Style: black and white")]
    [InlineData("a man stands by the window, next to it, a bird", "Subject: man; Action: stand; Subject: window; Spatial: man next to window; Subject: bird")]
    [InlineData("a boy fights against a wolf", "Subject: boy; Action: fight; Subject: wolf")]
    [InlineData("a girl plays a song on a guitar", "Subject: girl; Action: play; Subject: song; Subject: guitar")]
    [InlineData("a person is using a computer, low angle shot", "Subject: person; Action: use; Subject: computer; Camera: low angle")]
    [InlineData("a robot on a white background, pink and blue colors", "Subject: robot; Color: white background; Color: pink; Color: blue")]
    [InlineData("make me a video of a cat in a parking space", "Subject: cat; Scene: parking space")]
    [InlineData("a man smiles and a woman stands next to him", "Subject: man; Action: smile; Subject: woman; Action: stand; Spatial: woman next to man")]
    [InlineData("A king smiles. Behind him is a dragon", "Subject: king; Action: smile; Subject: dragon; Spatial: dragon behind king")]
    [InlineData("a fox sleeps after drinking water", "Subject: fox; Action: sleep; Action: drink; Order: drink then sleep; Subject: water")]
    [InlineData("After eating, the cat sleeps", "Action: eat; Subject: cat; Action: sleep; Order: eat then sleep")]
    [InlineData("a boy kicks a ball until it explodes", "Subject: boy; Action: kick; Subject: ball; Action: explode; Order: kick then explode")]
    [InlineData("a singer before a crowd, dancing", "Subject: singer; Subject: crowd; Action: dance")]
    [InlineData("a guard kneels before a king", "Subject: guard; Action: kneel; Subject: king; Spatial: guard in front of king")]
    [InlineData("a lion surrounded by birds", "Subject: lion; Subject: bird; Spatial: bird around lion")]
    [InlineData("a man wearing a hat standing next to a car", "Subject: man; Action: wear; Subject: hat; Action: stand; Subject: car; Spatial: man next to car")]
    [InlineData("ghosts appear and then vanish", "Subject: ghost; Action: appear; Action: vanish; Order: appear then vanish")]
    [InlineData("a boy walks, bending to lift a shoe, then runs", "Subject: boy; Action: walk; Action: bend; Action: lift; Subject: shoe; Action: run; Order: walk then run")]
    [InlineData("a girl walks outside to watch birds on Monday", "Subject: girl; Action: walk; Action: watch; Subject: bird; Subject: monday")]
    [InlineData("", "")]
    public void Extract_Query_FindsItsAtoms(string query, string expected) =>
        Assert.Equal(expected, string.Join("; ", QueryAtoms.Extract(query).Where(a => a.Text != "say")));

    [Theory]
    [InlineData("20 - 11 coins = 9 coins")]
    [InlineData("((((")]
    [InlineData("\u0000\ud800 \uFFFF")]
    [InlineData("?!?!?! ... --- -neg")]
    [InlineData("一只猫在跳舞 🌙")]
    public void Extract_OddText_DoesNotThrow(string query) => Assert.NotNull(QueryAtoms.Extract(query));

    /// <summary>Rules were tuned on the first hundred. All 200 had been read, for their labels, before the word lists were written; the last sixty were drawn and labelled when the lists were done. Later changes came from the first hundred and from queries without labels.</summary>
    [Fact]
    public void Extract_HandLabelledQueries_AgreesWithTheReader()
    {
        var all = LabelledQuery.Read(Path.Combine(Repository.Root, "tests/Vpo.Core.Tests/Atoms/labelled-queries.jsonl"));
        Assert.Equal(new Dictionary<string, int> { ["tuned-on"] = 100, ["held-out"] = 100, ["fresh"] = 60 }, all.CountBy(q => q.Set).ToDictionary());
        foreach (var (set, leastRecall, leastPrecision) in new[] { ("tuned-on", 0.9, 0.89), ("held-out", 0.85, 0.83), ("fresh", 0.83, 0.79) })
        {
            var (recall, precision) = Agreement(all.Where(q => q.Set == set));
            ReportByKind(set, [.. all.Where(q => q.Set == set)]);
            Assert.True(recall >= leastRecall && precision >= leastPrecision, $"{set}: recall {recall:P1}, precision {precision:P1}");
        }
    }

    /// <summary>80 real queries with an order of events (50) or a relation between things (30), see docs/experiments.md for how they were drawn. All were labelled by reading before the extractor saw any; every second one was used to mend rules, the others were only counted.</summary>
    [Fact]
    public void Extract_OrderAndRelations_AgreesWithTheReader()
    {
        var all = LabelledQuery.Read(Path.Combine(Repository.Root, "tests/Vpo.Core.Tests/Atoms/labelled-order-and-relations.jsonl"));
        Assert.Equal(new Dictionary<string, int> { ["development"] = 40, ["held-out"] = 40 }, all.CountBy(q => q.Set).ToDictionary());
        foreach (var (set, leastRecall, leastPrecision) in new[] { ("development", 0.86, 0.83), ("held-out", 0.84, 0.81) })
        {
            var queries = all.Where(q => q.Set == set).ToList();
            ReportByKind(set, queries);
            var (recall, precision) = Agreement(queries);
            Assert.True(recall >= leastRecall && precision >= leastPrecision, $"{set}: recall {recall:P1}, precision {precision:P1}");
        }
    }

    [Fact, Trait("Category", "Weights")]
    public void Extract_VBenchLabels_RecallAtLeast95Percent()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.Data("vbench/VBench_full_info.json")));
        var found = json.RootElement.EnumerateArray().SelectMany(Checks).GroupBy(c => c.Label).ToDictionary(g => g.Key, g => g.Average(c => c.Found ? 1.0 : 0.0));
        Assert.Equal(["action", "color", "object", "scene", "spatial", "style"], found.Keys.Order(StringComparer.Ordinal));
        Assert.All(found, f => Assert.True(f.Value >= 0.95, $"{f.Key}: {f.Value:P1}"));
    }

    /// <summary>Wants a quiet core. The best of several, for the runtime compiles what is used often anew in the meantime.</summary>
    [Fact(Explicit = true), Trait("Category", "Long")]
    public void Extract_RealQueries_AreTenThousandASecond()
    {
        var queries = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Repository.Data("vpo/dpo_prompts.json")))!;
        var best = Enumerable.Range(0, 12).Max(_ =>
        {
            var clock = Stopwatch.StartNew();
            Assert.All(queries.AsSpan(0, 4000).ToArray(), q => Assert.NotNull(QueryAtoms.Extract(q)));
            return 4000 / clock.Elapsed.TotalSeconds;
        });
        TestContext.Current.SendDiagnosticMessage($"{best:0} queries a second");
        Assert.True(best >= 10_000, $"{best:0} queries a second");
    }

    private static void ReportByKind(string set, IReadOnlyList<LabelledQuery> queries)
    {
        foreach (var kind in Enum.GetValues<AtomKind>())
        {
            var (found, right, atoms) = (0, 0, 0);
            foreach (var query in queries)
            {
                var score = query.Only(kind).Score([.. QueryAtoms.Extract(query.Query).Where(a => a.Kind == kind)]);
                (found, right, atoms) = (found + score.Found, right + score.Right, atoms + score.Atoms);
            }
            TestContext.Current.SendDiagnosticMessage($"{set} {kind}: recall {found}/{queries.Sum(q => q.Labels.Count(l => l.Kind == kind))}, precision {right}/{atoms}");
        }
        var (recall, precision) = Agreement(queries);
        TestContext.Current.SendDiagnosticMessage($"{set}: recall {recall:P1}, precision {precision:P1}");
        foreach (var query in queries.Where(_ => set == "development"))
            TestContext.Current.SendDiagnosticMessage($"  {query.Query} [{string.Join("; ", query.Differences(QueryAtoms.Extract(query.Query)))}]");
    }

    private static (double Recall, double Precision) Agreement(IEnumerable<LabelledQuery> queries)
    {
        var (found, wanted, right, atoms) = (0, 0, 0, 0);
        foreach (var query in queries)
        {
            var score = query.Score(QueryAtoms.Extract(query.Query));
            (found, wanted, right, atoms) = (found + score.Found, wanted + query.Labels.Count, right + score.Right, atoms + score.Atoms);
        }
        return (found / (double)wanted, right / (double)atoms);
    }

    private static IEnumerable<(string Label, bool Found)> Checks(JsonElement row)
    {
        var prompt = row.GetProperty("prompt_en").GetString()!;
        var atoms = QueryAtoms.Extract(prompt);
        if (row.GetProperty("dimension").EnumerateArray().Any(d => d.GetString() == "human_action"))
            yield return ("action", VBenchLabels.HasAction(atoms, prompt));
        if (!row.TryGetProperty("auxiliary_info", out var labels))
            yield break;
        foreach (var (name, value) in labels.EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;
            if (name is "multiple_objects" or "object_class")
            {
                foreach (var thing in Text(value, "object").Split(" and "))
                    yield return ("object", VBenchLabels.Has(atoms, AtomKind.Subject, thing));
            }
            else if (name == "spatial_relationship" && value.GetProperty(name) is var relation)
                yield return ("spatial", VBenchLabels.HasRelation(atoms, Text(relation, "object_a"), Text(relation, "relationship"), Text(relation, "object_b")));
            else
                yield return (name == "appearance_style" ? "style" : name, VBenchLabels.Has(atoms, name switch { "color" => AtomKind.Color, "scene" => AtomKind.Scene, _ => AtomKind.Style }, name == "scene" ? Text(value.GetProperty(name), name) : Text(value, name)));
        }
    }
}
