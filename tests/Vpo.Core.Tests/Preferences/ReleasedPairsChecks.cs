using System.Text.Json;
using Vpo.Mining;

namespace Vpo.Core.Tests.Preferences;

/// <summary>A case of vpo_pairs that mines pairs.</summary>
internal static class ReleasedPairsChecks
{
    internal static void Check(GoldenCase golden)
    {
        var weights = Weights(golden);
        var gap = golden.Json.GetProperty("threshold").GetDouble();
        var blocks = ReleasedFiles.ReadScores(golden.PathTo("output.jsonl"), weights);
        var replies = ReleasedFiles.ReadReplies(golden.PathTo("refined.jsonl"));
        CheckGroups(golden, blocks, gap);
        CheckRefinements(golden, replies);
        var text = ReleasedPairs.Text(replies, Order(golden, "shuffle_of_refined"));
        var video = ReleasedPairs.Video(blocks, gap);
        var merged = ReleasedPairs.Merge(text, video, Order(golden, "shuffle_of_merged"));
        Assert.Equal(Expected(golden, "expected_text_pairs.json"), Sorted(text));
        Assert.Equal(Expected(golden, "expected_video_pairs.json"), Sorted(video.DistinctBy(p => p.Query)));
        Assert.Equal(Expected(golden, "expected_dpo_data.json"), merged.Select(Row));
        CheckMiner(golden, replies, blocks, gap);
        var counts = golden.Json.GetProperty("counts");
        Assert.Equal(
            (counts.GetProperty("text_pairs").GetInt32(), counts.GetProperty("video_pairs").GetInt32(), counts.GetProperty("merged").GetInt32()),
            (text.Count, video.DistinctBy(p => p.Query).Count(), merged.Count));
    }

    /// <summary>A case that does not say the weights uses those that another case of the family says.</summary>
    private static double[] Weights(GoldenCase golden)
    {
        if (golden.Json.TryGetProperty("weights", out var own))
        {
            double[] weights = [.. own.EnumerateArray().Select(w => w.GetDouble())];
            Assert.Equal(golden.Json.GetProperty("weights_nonzero").GetInt32(), weights.Count(w => w != 0));
            golden.AssertClose("weights_sum", golden.Json.GetProperty("weights_sum").GetDouble(), weights.Sum());
            return weights;
        }
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(golden.Folder)!, "case.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            if (json.RootElement.TryGetProperty("weights", out var other))
                return [.. other.EnumerateArray().Select(w => w.GetDouble())];
        }
        Assert.Fail($"{golden.Name}: no case of the family says the weights");
        return [];
    }

    private static void CheckGroups(GoldenCase golden, IReadOnlyList<IReadOnlyList<ScoredPrompt>> blocks, double gap)
    {
        using var expected = JsonDocument.Parse(File.ReadAllText(golden.PathTo("expected_groups.json")));
        Assert.Equal(expected.RootElement.GetArrayLength(), blocks.Count);
        foreach (var (group, block) in expected.RootElement.EnumerateArray().Zip(blocks))
        {
            foreach (var (score, sample) in group.GetProperty("score").EnumerateArray().Zip(block))
                golden.AssertClose("score", score.GetDouble(), sample.Score.Score);
            var dominates = group.GetProperty("dominates").EnumerateArray().Select(row => row.EnumerateArray().Select(d => d.GetInt32() == 1).ToArray()).ToArray();
            Assert.Equal(dominates, block.Select(a => block.Select(b => VideoDominance.Holds(a.Score, b.Score, Dominance.Question)).ToArray()));
            var all = PairOptions.For(VpoPreset.Released) with { Gap = gap, Selection = PairSelection.All };
            Assert.Equal(
                group.GetProperty("admissible").EnumerateArray().Select(p => (block[p[0].GetInt32()].Prompt, block[p[1].GetInt32()].Prompt)),
                VideoPreferences.Mine(block, all).Select(p => (p.Chosen, p.Rejected)));
        }
    }

    /// <summary>The miner shuffles by its own seeds: its text-level pairs are among those that a shuffle may give, and everything else is the reference's.</summary>
    private static void CheckMiner(GoldenCase golden, IReadOnlyList<ReleasedReply> replies, IReadOnlyList<IReadOnlyList<ScoredPrompt>> blocks, double gap)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var mined = PairMiner.For(VpoPreset.Released, PairOptions.For(VpoPreset.Released) with { Gap = gap }, seed).Run(new() { Replies = replies, Groups = blocks }).Pairs;
            var text = mined.Where(p => p.Source == FeedbackSource.Text).ToList();
            var candidates = golden.Json.GetProperty("text_candidates_per_query").EnumerateArray().ToDictionary(c => c.GetProperty("query").GetString()!);
            Assert.All(text, p => Assert.Contains(Row(p), candidates[p.Query].GetProperty("rows").EnumerateArray().SelectMany(i => ReleasedPairs.Text([replies[i.GetInt32()]], n => [.. Enumerable.Range(0, n)])).Select(Row)));
            Assert.Subset(text.Select(p => p.Query).ToHashSet(), candidates.Values.Where(c => !c.GetProperty("may_be_none").GetBoolean()).Select(c => c.GetProperty("query").GetString()!).ToHashSet());
            var queries = text.Select(p => p.Query).ToHashSet();
            Assert.Equal(
                Expected(golden, "expected_video_pairs.json").Where(row => !queries.Contains(row.Split(" | ")[0])).Order(StringComparer.Ordinal),
                mined.Where(p => p.Source == FeedbackSource.Video).Select(Row).Order(StringComparer.Ordinal));
        }
    }

    private static void CheckRefinements(GoldenCase golden, IReadOnlyList<ReleasedReply> replies)
    {
        var json = golden.Json;
        Assert.Equal(json.GetProperty("refined_shapes").GetArrayLength(), replies.Count);
        Assert.Equal(
            json.GetProperty("refined_rows_with_both_markers").EnumerateArray().Select(i => i.GetInt32()),
            Enumerable.Range(0, replies.Count).Where(i => RefinementParser.ReadReleased(replies[i].Response) is not null));
        Assert.Equal(
            json.GetProperty("text_pair_of_single_row").EnumerateArray().Select(r => r.ValueKind == JsonValueKind.Null ? null : Row(r)),
            replies.Select(r => ReleasedPairs.Text([r], n => [.. Enumerable.Range(0, n)]).Select(Row).SingleOrDefault()));
        foreach (var candidates in json.GetProperty("text_candidates_per_query").EnumerateArray())
        {
            var rows = candidates.GetProperty("rows").EnumerateArray().Select(i => replies[i.GetInt32()]).ToList();
            Assert.All(rows, r => Assert.Equal(candidates.GetProperty("query").GetString(), r.Query));
            Assert.Equal(candidates.GetProperty("may_be_none").GetBoolean(), rows.Any(r => RefinementParser.ReadReleased(r.Response)!.Contains('\n')));
        }
    }

    private static Func<int, IReadOnlyList<int>> Order(GoldenCase golden, string name)
    {
        int[] order = [.. golden.Json.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];
        return count =>
        {
            Assert.Equal(order.Length, count);
            return order;
        };
    }

    private static List<string> Expected(GoldenCase golden, string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(golden.PathTo(file)));
        return [.. json.RootElement.EnumerateArray().Select(Row)];
    }

    private static IEnumerable<string> Sorted(IEnumerable<PreferencePair> pairs) =>
        pairs.OrderBy(p => p.Query, StringComparer.Ordinal).ThenBy(p => p.Chosen, StringComparer.Ordinal).Select(Row);

    private static string Row(PreferencePair pair) => $"{pair.Query} | {pair.Chosen} | {pair.Rejected}";

    private static string Row(JsonElement row) => $"{row.GetProperty("query")} | {row.GetProperty("chosen")} | {row.GetProperty("rejected")}";
}
