using System.Text.Json;

namespace Vpo.Core.Tests.Preferences;

[Trait("Category", "Golden")]
[Trait("Family", "vpo_pairs")]
public sealed class ReleasedPairsGoldenTests
{
    private static readonly HashSet<string> Planned =
    [
        "family", "case", "seed", "made_with", "source", "fixes", "notes", "tolerance", "threshold", "shuffle_seed", "counts", "verdicts", "order",
        "refined_shapes", "refined_rows_with_both_markers", "text_pair_of_single_row", "text_candidates_per_query", "shuffle_of_refined", "shuffle_of_merged",
        "video_pairs_note", "shuffle_note", "weights", "weights_nonzero", "weights_sum", "user_template", "record_layout",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("vpo_pairs");

    [Theory, MemberData(nameof(Cases))]
    public void ReleasedPairs_GoldenCase_GivesTheReferencesRecords(string name)
    {
        using var golden = GoldenCase.Open("vpo_pairs", name);
        Assert.All(golden.Json.EnumerateObject(), f => Assert.True(Planned.Contains(f.Name), $"{name}: nobody planned '{f.Name}'"));
        if (golden.Json.TryGetProperty("verdicts", out var verdicts))
            CheckVerdicts(golden, verdicts);
        else if (golden.Json.TryGetProperty("counts", out _))
            ReleasedPairsChecks.Check(golden);
        else
            CheckSamples(golden);
    }

    private static void CheckSamples(GoldenCase golden)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(golden.PathTo("expected_data.json")));
        var samples = ReleasedFiles.ReadSamples(golden.Folder);
        Assert.Equal(
            expected.RootElement.EnumerateArray().Select(r => $"{r.GetProperty("query")}|{string.Join('|', r.GetProperty("output").EnumerateArray())}"),
            samples.Select(s => $"{s.Query}|{string.Join('|', s.Prompts)}"));
    }

    private static void CheckVerdicts(GoldenCase golden, JsonElement verdicts)
    {
        var replies = ReleasedFiles.ReadReplies(golden.PathTo("4o_critique_res.jsonl"));
        Assert.Equal(verdicts.EnumerateArray().Select(v => v.GetString()), replies.Select(r => NameOf(VerdictParser.ReadReleased(r.Response))));
        using var expected = JsonDocument.Parse(File.ReadAllText(golden.PathTo("expected_misaligned.json")));
        Assert.Equal(
            expected.RootElement.EnumerateArray().Select(r => (r.GetProperty("query").GetString()!, r.GetProperty("prompt").GetString()!, Said(r.GetProperty("message")))),
            replies.Where(r => VerdictParser.ReadReleased(r.Response) == Judgement.Misaligned)
                .Select(r => (r.Query, r.Prompt, string.Join('\n', r.Messages.Append(("assistant", r.Response)).Select(m => $"{m.Item1}: {m.Item2}")))));
    }

    private static string Said(JsonElement messages) => string.Join('\n', messages.EnumerateArray().Select(m => $"{m.GetProperty("role")}: {m.GetProperty("content")}"));

    private static string NameOf(Judgement judgement) => judgement switch
    {
        Judgement.Aligned => "passed",
        Judgement.Misaligned => "misaligned",
        _ => "skipped_no_marker",
    };
}
