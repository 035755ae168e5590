using System.Text.Json;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.VisionReward;

namespace Vpo.Rewards.Tests.Checklists;

[Trait("Category", "Golden")]
[Trait("Family", "visionreward_score")]
public sealed class VisionRewardScoreGoldenTests
{
    private static readonly HashSet<string> Described =
        ["family", "case", "seed", "made_with", "source", "notes", "tolerance", "conversions", "weights", "selected_0_based", "replies", "pair_signed_difference"];

    public static TheoryData<string> Cases() => Golden.Cases("visionreward_score");

    [Theory, MemberData(nameof(Cases))]
    public void Score_GoldenAnswers_GivesTheReferencesFigures(string name)
    {
        using var golden = GoldenCase.Open("visionreward_score", name);
        var questions = Questions(golden.Json);
        var runs = golden.Json.TryGetProperty("replies", out var replies)
            ? [.. replies.EnumerateArray().Select(r => r.EnumerateArray().Select(t => AnswerReader.Exact(t.GetString()!)).ToArray())]
            : Stored(golden);
        foreach (var field in golden.Json.EnumerateObject().Where(f => !Described.Contains(f.Name)))
            Assert.True(Check(golden, field, questions, runs), $"{name}: nobody planned '{field.Name}'");
    }

    private static bool Check(GoldenCase golden, JsonProperty field, IReadOnlyList<ChecklistQuestion> questions, Answer[][] runs)
    {
        switch (field.Name)
        {
            case "yes_sum":
                return Each(field.Value, runs, (e, a) => golden.AssertClose("yes_sum", e.GetDouble(), ChecklistScore.WeightedYesSum(questions, a)));
            case "signed_mean":
                return Each(field.Value, runs, (e, a) => golden.AssertClose("signed_mean", e.GetDouble(), ChecklistScore.SignedMean(questions, a)));
            case "partial":
                return Each(field.Value, runs, (e, a) => Dimensions(golden, "partial", e, ChecklistScore.ByDimension(questions, a)));
            case "dimension_max":
                Dimensions(golden, field.Name, field.Value, ChecklistScore.ByDimension(questions, [.. questions.Select(_ => Answer.Yes)]));
                return true;
            case "dimensions":
                return field.Value.EnumerateObject().All(d => d.Value.EnumerateArray().All(n => VisionRewardChecklist.DimensionOf(n.GetInt32()) == d.Name));
            case "pair_first_better":
                var pairs = golden.Tensor("in.pairs").cpu().data<long>().ToArray().Chunk(2).ToList();
                var differences = pairs.Select(p => ChecklistScore.SignedDifference(questions, runs[p[0]], runs[p[1]])).ToList();
                foreach (var (expected, actual) in golden.Json.GetProperty("pair_signed_difference").EnumerateArray().Zip(differences))
                    golden.AssertClose("pair_signed_difference", expected.GetDouble(), actual);
                Assert.Equal(field.Value.EnumerateArray().Select(b => b.GetBoolean()), differences.Select(d => d > 0));
                return true;
            default:
                return false;
        }
    }

    private static bool Each(JsonElement expected, Answer[][] runs, Action<JsonElement, Answer[]> check)
    {
        Assert.Equal(expected.GetArrayLength(), runs.Length);
        foreach (var (e, run) in expected.EnumerateArray().Zip(runs))
            check(e, run);
        return true;
    }

    private static void Dimensions(GoldenCase golden, string field, JsonElement expected, IReadOnlyDictionary<string, double> actual)
    {
        foreach (var dimension in expected.EnumerateObject())
            golden.AssertClose(field, dimension.Value.GetDouble(), actual[dimension.Name]);
    }

    private static IReadOnlyList<ChecklistQuestion> Questions(JsonElement json)
    {
        var selected = json.GetProperty("selected_0_based").EnumerateArray().Select(i => i.GetInt32()).ToHashSet();
        double[] weights = [.. json.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble())];
        return VisionRewardChecklist.From([.. weights.Select((_, i) => $"Question {i}?")], weights, [.. weights.Select((_, i) => selected.Contains(i))]).Questions;
    }

    private static Answer[][] Stored(GoldenCase golden)
    {
        var answers = golden.Tensor("in.answers");
        return [.. answers.cpu().data<long>().ToArray().Select(a => a == 1 ? Answer.Yes : Answer.No).Chunk((int)answers.shape[1])];
    }
}
