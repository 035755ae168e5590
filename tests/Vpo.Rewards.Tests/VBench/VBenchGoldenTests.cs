using System.Text;
using System.Text.Json;
using Vpo.Rewards.Sampling;
using Vpo.Rewards.VBench;

namespace Vpo.Rewards.Tests.VBench;

[Trait("Category", "Golden")]
[Trait("Family", "vbench_aggregate")]
public sealed class VBenchGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("vbench_aggregate");

    [Theory, MemberData(nameof(Cases))]
    public void VBench_GoldenCase_GivesTheReferencesResults(string name)
    {
        using var golden = GoldenCase.Open("vbench_aggregate", name);
        if (golden.Json.TryGetProperty("runs", out var runs))
            FinalScores(golden, runs);
        else if (golden.Json.TryGetProperty("file_names", out _))
            FileNames(golden.Json);
        else if (golden.Json.TryGetProperty("rows", out var rows))
            FrameIndices(rows);
        else
            Flickering(golden);
    }

    private static void FinalScores(GoldenCase golden, JsonElement runs)
    {
        foreach (var dimension in VBenchScore.Dimensions)
        {
            var range = golden.Json.GetProperty("ranges").GetProperty(dimension.Name);
            Assert.Equal((range.GetProperty("Min").GetDouble(), range.GetProperty("Max").GetDouble()), (dimension.Minimum, dimension.Maximum));
            Assert.Equal(golden.Json.GetProperty("weights").GetProperty(dimension.Name).GetDouble(), dimension.Weight);
            Assert.Contains(golden.Json.GetProperty(dimension.Semantic ? "semantic" : "quality").EnumerateArray(), d => d.GetString() == dimension.Name);
        }
        foreach (var run in runs.EnumerateArray())
        {
            var folder = Directory.CreateTempSubdirectory("vbench");
            try
            {
                foreach (var file in run.GetProperty("files").EnumerateObject())
                    Write(Path.Combine(folder.FullName, file.Name), file.Value);
                Compare(golden, run.GetProperty("expected"), new(VBenchResults.Read(folder.FullName)));
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static void Write(string path, JsonElement content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content.ValueKind == JsonValueKind.String ? content.GetString() : content.GetRawText());
    }

    private static void Compare(GoldenCase golden, JsonElement expected, VBenchScore score)
    {
        foreach (var part in expected.EnumerateObject())
        {
            switch (part.Name)
            {
                case "raw":
                    Values(golden, part, score.Raw);
                    break;
                case "normalised_times_weight":
                    Values(golden, part, score.Normalized);
                    break;
                default:
                    golden.AssertClose(part.Name, part.Value.GetDouble(), part.Name switch { "quality" => score.Quality, "semantic" => score.Semantic, "total" => score.Total, _ => double.NaN });
                    break;
            }
        }
    }

    private static void Values(GoldenCase golden, JsonProperty expected, IReadOnlyDictionary<string, double> actual)
    {
        Assert.Equal(expected.Value.EnumerateObject().Select(v => v.Name).Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var value in expected.Value.EnumerateObject())
            golden.AssertClose(expected.Name, value.Value.GetDouble(), actual[value.Name]);
    }

    private static void FileNames(JsonElement json)
    {
        var prompts = VBenchFiles.ReadPrompts(Encoding.UTF8.GetBytes(json.GetProperty("full_info").GetRawText()));
        var (files, dimensions) = (Texts(json.GetProperty("file_names")), Texts(json.GetProperty("dimensions")));
        var standard = VBenchFiles.Standard(prompts, files, dimensions);
        foreach (var mode in json.GetProperty("expected").EnumerateObject())
        {
            var actual = mode.Name switch
            {
                "standard" => standard,
                "standard_suffix" => VBenchFiles.Standard(prompts, files, dimensions, json.GetProperty("special_str").GetString()!),
                "custom" => VBenchFiles.Custom(files, dimensions),
                _ => throw new InvalidOperationException($"nobody planned '{mode.Name}'"),
            };
            Assert.Equal(mode.Value.EnumerateArray().Select(e => e.GetProperty("prompt_en").GetString() + ": " + string.Join('|', Texts(e.GetProperty("video_list")))),
                actual.Select(a => a.Prompt.Prompt + ": " + string.Join('|', a.Files)));
        }
        foreach (var dimension in json.GetProperty("expected_per_dimension").EnumerateObject())
            OfDimension(dimension, standard);
        foreach (var pair in json.GetProperty("prompt_from_filename").EnumerateArray())
            Assert.Equal(pair[1].GetString(), VBenchFiles.PromptOf(pair[0].GetString()!));
    }

    private static void OfDimension(JsonProperty dimension, IReadOnlyList<VBenchClips> standard)
    {
        var own = standard.Where(c => c.Prompt.Dimensions.Contains(dimension.Name)).ToList();
        Assert.Equal(Texts(dimension.Value.GetProperty("videos")), own.SelectMany(c => c.Files));
        Assert.Equal(dimension.Value.GetProperty("prompts").EnumerateArray().Select(Describe),
            own.Select(c => $"{c.Prompt.Prompt}: {string.Join('|', c.Files)} {(c.Prompt.Auxiliary.TryGetValue(dimension.Name, out var a) ? JsonSerializer.Serialize(a) : "")}"));

        static string Describe(JsonElement e) =>
            $"{e.GetProperty("prompt").GetString()}: {string.Join('|', Texts(e.GetProperty("video_list")))} {(e.TryGetProperty("auxiliary_info", out var a) ? JsonSerializer.Serialize(a) : "")}";
    }

    private static void FrameIndices(JsonElement rows)
    {
        foreach (var row in rows.EnumerateArray())
        {
            var frames = row.GetProperty("length").GetInt32();
            if (row.TryGetProperty("middle", out var middle))
                Assert.Equal(middle.EnumerateArray().Select(i => i.GetInt32()), FrameSampler.Middle(frames, row.GetProperty("num_frames").GetInt32()));
            else
                Assert.Equal(row.GetProperty("by_fps").EnumerateArray().Select(i => i.GetInt32()),
                    FrameSampler.AtRate(frames, row.GetProperty("input_fps").GetDouble(), double.Parse(row.GetProperty("sample").GetString()!["fps".Length..], System.Globalization.CultureInfo.InvariantCulture)));
        }
    }

    private static void Flickering(GoldenCase golden)
    {
        var values = new List<double>();
        foreach (var expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            var frames = golden.Tensor("in." + expected.Name);
            var clip = new VideoClip(frames.cpu().data<long>().ToArray().Select(v => (byte)v).ToArray(), (int)frames.shape[2], (int)frames.shape[1], 8);
            values.Add(TemporalFlickering.Of(clip));
            golden.AssertClose("expected", expected.Value.GetDouble(), values[^1]);
            foreach (var (e, a) in golden.Json.GetProperty("mean_absolute_differences").GetProperty(expected.Name).EnumerateArray().Zip(TemporalFlickering.Differences(clip)))
                golden.AssertClose("mean_absolute_differences", e.GetDouble(), a);
        }
        golden.AssertClose("aggregate_mean_over_videos", golden.Json.GetProperty("aggregate_mean_over_videos").GetDouble(), values.Average());
        Assert.True(double.IsNaN(TemporalFlickering.Of(new(new byte[3], 1, 1, 8))));
    }

    private static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(t => t.GetString()!)];
}
