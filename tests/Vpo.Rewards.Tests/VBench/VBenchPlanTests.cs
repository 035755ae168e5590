using System.Text;
using Vpo.Rewards.VBench;

namespace Vpo.Rewards.Tests.VBench;

public sealed class VBenchPlanTests
{
    private static IReadOnlyList<VBenchPrompt> Read(string json) => VBenchFiles.ReadPrompts(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Standard_OptimizedPrompts_KeepTheOriginalsNamesAndFiveSeeds()
    {
        var prompts = Read("""[{"prompt_en":"a cat","dimension":["scene"]},{"prompt_en":"a still street","dimension":["temporal_flickering"]}]""");
        var shots = VBenchPlan.Standard(prompts, new Dictionary<string, string> { ["a cat"] = "A grey cat sits.", ["a still street"] = "A street." }, seed: 40, flickeringFilter: true);
        Assert.Equal(5 + 25, shots.Count);
        Assert.Equal(["a cat-0.mp4", "a cat-1.mp4", "a cat-2.mp4", "a cat-3.mp4", "a cat-4.mp4"], shots.Take(5).Select(s => s.File));
        Assert.Equal([40L, 41, 42, 43, 44], shots.Take(5).Select(s => s.Seed));
        Assert.All(shots.Take(5), s => Assert.Equal(("a cat", "A grey cat sits."), (s.Original, s.Prompt)));
        Assert.Contains("a still street", Assert.Throws<ArgumentException>(() => VBenchPlan.Standard(prompts, new Dictionary<string, string> { ["a cat"] = "x" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Second_LongPromptsAndDiversity_FollowVBench2()
    {
        var shots = VBenchPlan.Second(Read($$"""[{"prompt_en":"{{new string('x', 200)}}","dimension":["Complex_Plot"],"auxiliary_info":["a","b"]},{"prompt_en":"y","dimension":["Diversity"]},{"prompt_en":"z","dimension":["Camera_Motion"],"auxiliary_info":"zoom_in"}]"""));
        Assert.Equal(3 + 20 + 3, shots.Count);
        Assert.Equal($"Complex_Plot/{new string('x', 180)}-0.mp4", shots[0].File);
        Assert.Equal("Diversity/y-19.mp4", shots[22].File);
    }

    [Fact]
    public void ReadPrompts_AuxiliaryOfVBench2_IsKeptUnderItsDimension()
    {
        var prompts = Read("""[{"prompt_en":"a","dimension":["Camera_Motion"],"auxiliary_info":"zoom_in"},{"prompt_en":"b","dimension":["Composition"],"auxiliary_info":{"question":"?"}},{"prompt_en":"c","dimension":["color"],"auxiliary_info":{"color":"red"}},{"prompt_en":"d","dimension":["scene"],"auxiliary_info":null}]""");
        Assert.Equal("zoom_in", prompts[0].Auxiliary["Camera_Motion"].GetString());
        Assert.Equal("?", prompts[1].Auxiliary["Composition"].GetProperty("question").GetString());
        Assert.Equal("red", prompts[2].Auxiliary["color"].GetString());
        Assert.Empty(prompts[3].Auxiliary);
    }

    [Fact]
    [Trait("Category", "Weights")]
    public void PublishedLists_GiveTheirCounts()
    {
        var prompts = VBenchFiles.ReadPrompts(File.ReadAllBytes(Repository.Data("vbench/VBench_full_info.json")));
        var second = VBenchFiles.ReadPrompts(File.ReadAllBytes(Repository.Data("vbench/VBench2_full_info.json")));
        Assert.Equal((946, 944 * 5), (prompts.Count, VBenchPlan.Standard(prompts).Count));
        Assert.Equal((1230, 18), (second.Count, second.SelectMany(p => p.Dimensions).Distinct().Count()));
        Assert.Equal(1220 * 3 + 10 * 20, VBenchPlan.Second(second).Count);
        var rewrites = VBenchPlan.Rewrites(File.ReadLines(Repository.Data("vbench/all_dimension.txt")), File.ReadLines(Repository.Data("vbench/all_dimension_gpt.txt")));
        Assert.Equal(944 * 5, VBenchPlan.Standard(prompts, rewrites).Count);
    }

    [Fact]
    public void Native_FlickeringOfNamedClips_IsWrittenAsVBenchWouldAndReadBack()
    {
        var prompts = Read("""[{"prompt_en":"a","dimension":["temporal_flickering"]},{"prompt_en":"b","dimension":["scene"]}]""");
        var clips = VBenchFiles.Standard(prompts, ["a-0.mp4", "a-1.mp4", "b-0.mp4"], ["temporal_flickering"]);
        var measured = VBenchNative.Flickering(clips, f => f == "a-0.mp4" ? Flicker(0) : Flicker(51));
        Assert.Equal(0.9, measured.Value, 12);
        Assert.Equal(1, measured.Interval().Count);
        var folder = Directory.CreateTempSubdirectory("vbench");
        try
        {
            VBenchMeasurement.Write(Path.Combine(folder.FullName, "ours_eval_results.json"), [measured]);
            Assert.Equal(0.9, VBenchResults.Read(folder.FullName)["temporal flickering"], 12);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static VideoClip Flicker(byte by) => new(Enumerable.Range(0, 4 * 12).Select(i => (byte)(i / 12 % 2 * by)).ToArray(), 2, 2, 8);
}
