using System.Text.Json;
using Vpo.Queries;

namespace Vpo.Core.Tests.Queries;

[Trait("Category", "Golden")]
[Trait("Family", "bleu")]
public sealed class BleuGoldenTests
{
    private static readonly HashSet<string> Planned = ["family", "case", "seed", "made_with", "source", "notes", "tolerance", "texts", "words", "rows", "sets"];

    public static TheoryData<string> Cases() => Golden.Cases("bleu");

    [Theory, MemberData(nameof(Cases))]
    public void Bleu_GoldenCase_GivesTheReferencesScores(string name)
    {
        using var golden = GoldenCase.Open("bleu", name);
        Assert.All(golden.Json.EnumerateObject(), f => Assert.True(Planned.Contains(f.Name), $"{name}: nobody planned '{f.Name}'"));
        string[] texts = [.. golden.Json.GetProperty("texts").EnumerateArray().Select(t => t.GetString()!)];
        var words = texts.Select(Bleu.Words).ToArray();
        Assert.Equal(golden.Json.GetProperty("words").EnumerateArray().Select(w => w.EnumerateArray().Select(x => x.GetString()!).ToArray()), words);
        if (golden.Json.TryGetProperty("rows", out var rows))
        {
            foreach (var row in rows.EnumerateArray())
                CheckRow(golden, row, texts);
        }
        if (golden.Json.TryGetProperty("sets", out var sets))
        {
            foreach (var set in sets.EnumerateObject())
                CheckSet(golden, set.Value, words);
        }
    }

    private static void CheckRow(GoldenCase golden, JsonElement row, string[] texts)
    {
        var hypothesis = texts[row.GetProperty("hypothesis").GetInt32()];
        string[] references = [.. row.GetProperty("references").EnumerateArray().Select(i => texts[i.GetInt32()])];
        foreach (var field in row.EnumerateObject())
        {
            switch (field.Name)
            {
                case "hypothesis" or "references":
                    break;
                case "nltk":
                    foreach (var score in field.Value.EnumerateObject())
                        golden.AssertClose($"nltk.{score.Name}", score.Value.GetDouble(), Nltk(hypothesis, references, new() { Smoothing = Method(score.Name) }));
                    break;
                case "nltk_bleu2_method1":
                    golden.AssertClose(field.Name, field.Value.GetDouble(), Nltk(hypothesis, references, new() { Smoothing = BleuSmoothing.Floor, MaxOrder = 2 }));
                    break;
                case "sacrebleu":
                    foreach (var score in field.Value.EnumerateObject())
                        golden.AssertClose($"sacrebleu.{score.Name}", score.Value.GetDouble(), Sacre(hypothesis, references, score.Name));
                    break;
                default:
                    Assert.Fail($"{golden.Name}: nobody planned '{field.Name}'");
                    break;
            }
        }
    }

    private static void CheckSet(GoldenCase golden, JsonElement set, string[][] words)
    {
        string[][] texts = [.. set.GetProperty("texts").EnumerateArray().Select(i => words[i.GetInt32()])];
        foreach (var method in set.EnumerateObject().Where(m => m.Name != "texts"))
        {
            var options = new BleuOptions { Smoothing = Method(method.Name) };
            foreach (var figure in method.Value.EnumerateObject())
            {
                double[] actual = figure.Name switch
                {
                    "self_bleu_each" => SelfBleu.Each(texts, options),
                    "self_bleu_mean" => [SelfBleu.Each(texts, options).Average()],
                    "pairwise_max_each" => SelfBleu.PairwiseMax(texts, options),
                    "pairwise" => [.. SelfBleu.Pairwise(texts, options).SelectMany(r => r)],
                    _ => throw new InvalidOperationException($"{golden.Name}: nobody planned '{figure.Name}'"),
                };
                double[] expected = [.. Flat(figure.Value)];
                Assert.Equal(expected.Length, actual.Length);
                for (var i = 0; i < expected.Length; i++)
                    golden.AssertClose(figure.Name, expected[i], actual[i]);
            }
        }
    }

    private static IEnumerable<double> Flat(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Flat),
        JsonValueKind.Null => [double.NaN],
        _ => [value.GetDouble()],
    };

    private static double Nltk(string hypothesis, string[] references, BleuOptions options) =>
        Bleu.Sentence(Bleu.Words(hypothesis), [.. references.Select(Bleu.Words)], options);

    /// <summary>The name says tokens, case and smoothing, such as "13a_lower_exp_noeff".</summary>
    private static double Sacre(string hypothesis, string[] references, string name)
    {
        var parts = name.Split('_');
        string[] Tokens(string text)
        {
            text = parts[1] switch { "lower" => text.ToLowerInvariant(), "cased" => text, _ => throw new InvalidOperationException($"nobody planned '{name}'") };
            return parts[0] switch
            {
                "13a" => MtevalTokens.Split(text),
                "none" => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
                _ => throw new InvalidOperationException($"nobody planned '{name}'"),
            };
        }
        var smoothing = parts[2] switch
        {
            "exp" => BleuSmoothing.Exponential,
            "none" => BleuSmoothing.Zero,
            "floor" => BleuSmoothing.Floor,
            "add-k" => BleuSmoothing.AddOne,
            _ => throw new InvalidOperationException($"nobody planned '{name}'"),
        };
        var options = new BleuOptions { Smoothing = smoothing, ShortText = name.EndsWith("_noeff", StringComparison.Ordinal) ? BleuShortText.Zero : BleuShortText.LeaveOut };
        return 100 * Bleu.Sentence(Tokens(hypothesis), [.. references.Select(Tokens)], options);
    }

    private static BleuSmoothing Method(string name) => name switch
    {
        "none" => BleuSmoothing.None,
        "method1" => BleuSmoothing.Floor,
        "method2" => BleuSmoothing.AddOne,
        "method3" => BleuSmoothing.Exponential,
        _ => throw new InvalidOperationException($"nobody planned '{name}'"),
    };
}
