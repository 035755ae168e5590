using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Vpo.Cli.Tests;

/// <summary><c>vpo vbench, monetbench, alignment, safety, lengths</c> as users run them, over small files of their real kinds.</summary>
public sealed class BenchmarkCommandTests : IDisposable
{
    private const string List =
        """
        [{"prompt_en":"a red circle","dimension":["temporal_flickering","appearance_style"],"auxiliary_info":{"appearance_style":{"appearance_style":"Van Gogh style"}}},
         {"prompt_en":"a bird and a cat","dimension":["multiple_objects"],"auxiliary_info":{"multiple_objects":{"object":"bird and cat"}}}]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, params string[] lines)
    {
        File.WriteAllLines(In(name), lines);
        return In(name);
    }

    private static Task<ProgramRun> Vpo(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments]);

    /// <summary>The one line that a command ends with, apart from progress.</summary>
    private static async Task<string> Fails(params string[] arguments)
    {
        var run = await Vpo(arguments);
        Assert.Equal(1, run.ExitCode);
        return Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.StartsWith("score: ", StringComparison.Ordinal));
    }

    /// <summary>The line of a table that begins with a word, its cells split at two or more spaces.</summary>
    private static string[] Row(ProgramRun run, string name) =>
        [.. run.Output.Split('\n').Select(l => l.Trim()).First(l => l.StartsWith(name + " ", StringComparison.Ordinal)).Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>Two frames of 2x2 that differ by a number, as raw frames, which need no ffmpeg.</summary>
    private void WriteClip(string file, byte difference)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(file))!);
        File.WriteAllBytes(In(file), [.. Enumerable.Repeat((byte)0, 12), .. Enumerable.Repeat(difference, 12)]);
        File.WriteAllText(In(file + ".json"), """{"width":2,"height":2,"frame_count":2,"frames_per_second":8}""");
    }

    [Fact]
    public async Task VBench_PlanOfOptimizedPrompts_MakesClipsUnderTheOriginalsNamesWithFiveSeeds()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs a POSIX shell");
        await File.WriteAllTextAsync(In("list.json"), List);
        Write("made.jsonl", """{"id":"1","query":"a red circle","prompt":"A red circle, painted."}""", """{"id":"2","query":"a bird and a cat","prompts":["A bird beside a cat.","x"]}""");
        var plan = (await Vpo("vbench", "plan", "--list", In("list.json"), "--optimized", In("made.jsonl"), "--seed", "7", "--out", In("plan.jsonl"))).MustSucceed();
        Assert.Contains("VBench: 10 clips of 2 prompts, 2 of them optimized", plan.Output, StringComparison.Ordinal);

        await File.WriteAllBytesAsync(In("made.gif"), Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"));
        Write("model.sh", $"echo \"$1 $3\" >> '{In("runs.txt")}'", $"cp '{In("made.gif")}' \"$2/made.gif\"");
        await File.WriteAllTextAsync(In("generators.json"), JsonSerializer.Serialize(new { mine = new { Kind = "command", Program = "sh", Arguments = new[] { In("model.sh"), "{{prompt}}", "{{out}}", "{{seed}}" }, Output = "made.gif" } }));
        string[] generate = ["generate", "--plan", In("plan.jsonl"), "--generator", "mine", "--config", In("generators.json"), "--out", In("clips")];
        Assert.Contains("10 clips, 0 were there already", (await Vpo(generate)).MustSucceed().Error, StringComparison.Ordinal);
        File.Delete(In("clips/a red circle-3.gif"));
        Assert.Contains("10 clips, 9 were there already", (await Vpo(generate)).MustSucceed().Error, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 5).SelectMany(i => new[] { $"a bird and a cat-{i}.gif", $"a red circle-{i}.gif" }).Order(StringComparer.Ordinal),
            Directory.GetFiles(In("clips"), "a *.gif").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(7, 5).SelectMany(s => new[] { $"A bird beside a cat. {s}", $"A red circle, painted. {s}" }).Order(StringComparer.Ordinal), (await File.ReadAllLinesAsync(In("runs.txt"))).Order(StringComparer.Ordinal));
        Assert.Contains("has a seed for each clip", await Fails([.. generate, "--seed", "1"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VBench_MeasuredClips_AreWrittenAsVBenchWouldAndGoOnWhereTheyWere()
    {
        await File.WriteAllTextAsync(In("list.json"), List);
        WriteClip("clips/a red circle-0.rgb", 0);
        WriteClip("clips/a red circle-1.rgb", 51);
        WriteClip("clips/a bird and a cat-0.rgb", 0);
        WriteClip("clips/a bird and a cat-1.rgb", 1);
        await using var chat = new FakeChat(text => text.Contains("bird and cat", StringComparison.Ordinal) && text.Contains("<image_url>", StringComparison.Ordinal) ? "yes" : "no");
        string[] measure = ["vbench", "measure", "--list", In("list.json"), "--clips", In("clips"), "--out", In("results")];
        string[] models = ["--clip", Path.Combine(Repository.Root, "tests", "golden", "clip", "gelu", "model"), "--vision", chat.Address, "--chat-model", "eyes"];
        var first = (await Vpo(measure)).MustSucceed();
        Assert.Equal(["temporal_flickering", "0.9000"], Row(first, "temporal_flickering")[..2]);
        Assert.Contains("2 of 5 clips are there; the first that is missing: a red circle-2.mp4", first.Error, StringComparison.Ordinal);
        var second = (await Vpo([.. measure, .. models])).MustSucceed();
        Assert.Equal(["multiple_objects/vlm", "1.0000", "1.0000 to 1.0000", "1", "2", "0"], Row(second, "multiple_objects/vlm"));
        Assert.Equal((6, 2), ((await File.ReadAllLinesAsync(In("results/measures.jsonl"))).Length, chat.Calls));
        WriteClip("clips/a red circle-1.rgb", 102);   // made again: measured again
        File.SetLastWriteTimeUtc(In("clips/a red circle-1.rgb"), DateTime.UnixEpoch);
        Assert.Equal("0.8000", Row((await Vpo([.. measure, .. models])).MustSucceed(), "temporal_flickering")[1]);
        Assert.Equal(2, chat.Calls);

        var score = (await Vpo("vbench", "score", In("results"))).MustSucceed();
        Assert.Equal(["temporal flickering", "0.8000"], Row(score, "temporal flickering")[..2]);
        Assert.Contains("14 of 16 dimensions are missing", score.Output, StringComparison.Ordinal);
        Assert.Contains("subject_consistency can be asked", await Fails([.. measure, "--dimension", "subject_consistency"]), StringComparison.Ordinal);
        Assert.Contains("scene can be asked", await Fails([.. measure, "--dimension", "scene"]), StringComparison.Ordinal);
        Assert.Contains("named after the ORIGINAL prompt, such as 'a red circle-0.mp4'", await Fails("vbench", "measure", "--list", In("list.json"), "--clips", In("results"), "--out", In("results")), StringComparison.Ordinal);
    }

    /// <summary>A run of which every dimension is 0.8 with two prompts at 0.7 and 0.9, and one with 0.9 and 1.0: intervals are known.</summary>
    [Fact]
    public async Task VBench_ScoreOfTwoRuns_GivesTheArithmeticWithPairedIntervals()
    {
        string[] names = ["subject_consistency", "background_consistency", "temporal_flickering", "motion_smoothness", "aesthetic_quality", "imaging_quality", "dynamic_degree", "object_class", "multiple_objects", "human_action", "color", "spatial_relationship", "scene", "appearance_style", "temporal_style", "overall_consistency"];
        void WriteRun(string run, double a, double b)
        {
            Directory.CreateDirectory(In(run));
            foreach (var name in names)
            {
                var scale = name == "imaging_quality" ? 100 : 1;   // clips from 0 to 100 beside an aggregate from 0 to 1
                object[] clips = [new { video_path = "./videos/x-0.mp4", video_results = scale * a }, new { video_path = "./videos/y-0.mp4", video_results = scale * b }];
                File.WriteAllText(In($"{run}/{name}_eval_results.json"), JsonSerializer.Serialize(new Dictionary<string, object[]> { [name] = [(a + b) / 2, clips] }));
            }
        }
        WriteRun("before", 0.7, 0.9);
        WriteRun("after", 0.9, 1.0);
        var run = (await Vpo("vbench", "score", In("before"), "vpo=" + In("after"))).MustSucceed();
        Assert.Equal(["imaging quality", "0.8000", "0.7000 to 0.9000", "2", "0.9500", "0.9000 to 1.0000", "2", "+0.1500 (+0.1000 to +0.2000)"], Row(run, "imaging quality"));
        double Quality(double x) => 100 * ((x - .1462) / .8538 + (x - .2615) / .7385 + (x - .6293) / .3707 + (x - .706) / .2915 + x + x + x / 2) / 6.5;
        double Semantic(double x) => 100 * (5 * x + x / .8222 + (x - .0009) / .2846 + 2 * x / .364) / 9;
        double Total(double x) => (4 * Quality(x) + Semantic(x)) / 5;
        static string Text(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
        Assert.Equal([Text(Quality(.8)), $"{Text(Quality(.7))} to {Text(Quality(.9))}"], Row(run, "quality, %")[1..3]);
        Assert.Equal([Text(Total(.8)), $"{Text(Total(.7))} to {Text(Total(.9))}", "2", Text(Total(.95)), $"{Text(Total(.9))} to {Text(Total(1))}"], Row(run, "total, %")[1..6]);
        Assert.Equal($"+{Text(Total(.95) - Total(.8))} (+{Text(Total(1) - Total(.9))} to +{Text(Total(.9) - Total(.7))})", Row(run, "total, %")[7]);
        Assert.DoesNotContain("missing", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VBench2_ScoreOfItsFiles_IsTheMeanOfGroupMeans()
    {
        Directory.CreateDirectory(In("second"));
        await File.WriteAllTextAsync(In("second/a_eval_results.json"), """{"Composition":[0.5,[]],"Diversity":[0.7,[{"video_path":"Diversity/x-0.mp4","video_results":0.7}]],"Multi-View_Consistency":[0.4,[{"video_path":"a-0.mp4","video_results":-1},{"video_path":"b-0.mp4","video_results":0.4}]]}""");
        var run = (await Vpo("vbench", "score", In("second"))).MustSucceed();
        Assert.Equal(["creativity, %", "60.00", "-"], Row(run, "creativity, %")[..3]);
        Assert.Equal("10.00 *", Row(run, "physics, %")[1]);
        Assert.Equal("14.00 *", Row(run, "total, %")[1]);
        Assert.Equal(["0.4000", "0.4000 to 0.4000", "1"], Row(run, "Multi-View Consistency")[1..4]);
        await File.WriteAllTextAsync(In("second/b_eval_results.json"), """{"scene":[0.5]}""");
        Assert.Contains("together", await Fails("vbench", "score", In("second")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task VBench2_QuestionsOfItsList_AreAskedByItsRules()
    {
        await File.WriteAllTextAsync(In("second.json"), """
            [{"prompt_en":"water freezes","dimension":["Thermotics"],"auxiliary_info":["Is there water? (yes or no)","Does it freeze? (yes or no)","Is it ignored? (yes or no)"]},
             {"prompt_en":"a dog moves","dimension":["Dynamic_Spatial_Relationship"],"auxiliary_info":["Is the dog on the left? (yes or no)","Is the dog on the right? (yes or no)"]},
             {"prompt_en":"anything","dimension":["Diversity"],"auxiliary_info":null}]
            """);
        foreach (var (file, difference) in new[] { ("Thermotics/water freezes-0", 3), ("Thermotics/water freezes-1", 4), ("Dynamic_Spatial_Relationship/a dog moves-0", 5) })
            WriteClip($"clips/{file}.rgb", (byte)difference);
        var first = true;
        await using var chat = new FakeChat(text => text.Contains("Is there water", StringComparison.Ordinal) && first ? No() : text.Contains("ignored", StringComparison.Ordinal) ? "no" : "yes");
        string No()
        {
            first = false;
            return "no";
        }
        string[] measure = ["vbench", "measure", "--list", In("second.json"), "--clips", In("clips"), "--out", In("results")];
        Assert.Contains("give --vision", await Fails(measure), StringComparison.Ordinal);
        var run = (await Vpo([.. measure, "--vision", chat.Address, "--chat-model", "eyes"])).MustSucceed();
        Assert.Equal(["Thermotics/vlm", "1.0000", "1.0000 to 1.0000", "1", "1", "1"], Row(run, "Thermotics/vlm"));   // the other does not show water: it counts in no mean
        Assert.Equal("1.0000", Row(run, "Dynamic_Spatial_Relationship/vlm")[1]);
        Assert.Contains("3 of 6 clips are there", run.Error, StringComparison.Ordinal);
        Assert.Equal(5, chat.Calls);   // what is decided is not asked on
        Assert.Contains("\"value\":-1", await File.ReadAllTextAsync(In("results/measures.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MonetBench_FromPlanToTable_ScoresOnceAndComparesPrompts()
    {
        var prompts = Write("monet.jsonl", """{"prompt":"a red circle","challenge":"Style"}""", """{"prompt":"a cat","challenge":"Text"}""");
        Write("made.jsonl", """{"id":"1","query":"a red circle","prompt":"A red circle, painted."}""");
        Assert.Contains("no optimized prompt for \"a cat\"", await Fails("monetbench", "plan", "--input", prompts, "--optimized", In("made.jsonl"), "--out", In("plan.jsonl")), StringComparison.Ordinal);
        (await Vpo("monetbench", "plan", "--input", prompts, "--out", In("plan.jsonl"), "--clips-per-prompt", "2")).MustSucceed();
        foreach (var file in new[] { "0000-0", "0000-1", "0001-0", "0001-1" })
            WriteClip($"clips/{file}.rgb", 9);
        Write("questions.json", """[{"name":"met","dimension":"Alignment","text":"Does the video show \"[[prompt]]\"?","weight":2},{"name":"real","dimension":"Physics","text":"Is it real?","weight":1}]""");
        await using var chat = new FakeChat(text => text.Contains("a cat", StringComparison.Ordinal) ? "no" : "yes");
        string[] score = ["monetbench", "score", "--plan", In("plan.jsonl"), "--clips", In("clips"), "--reward", "checklist", "--questions", In("questions.json"), "--vision", chat.Address, "--chat-model", "eyes"];
        var run = (await Vpo([.. score, "--out", In("one.jsonl")])).MustSucceed();
        Assert.Equal(["overall", "2.00 (1.00–3.00)"], Row(run, "overall"));
        Assert.Equal(["Alignment", "1.00 (0.00–2.00)"], Row(run, "Alignment"));
        Assert.Equal(8, chat.Calls);
        (await Vpo([.. score, "--out", In("one.jsonl")])).MustSucceed();
        Assert.Equal(8, chat.Calls);

        await File.WriteAllTextAsync(In("half.jsonl"), (await File.ReadAllTextAsync(In("one.jsonl"))).Replace("\"score\":{", "\"problem\":\"the server went away\",\"old\":{", StringComparison.Ordinal));
        Assert.Contains("none of 4 clips has a score", await Fails([.. score, "--out", In("half.jsonl")]), StringComparison.Ordinal);
        Assert.Equal(8, chat.Calls);
        Assert.Equal("2.00 (1.00–3.00)", Row((await Vpo([.. score, "--out", In("half.jsonl"), "--retry"])).MustSucceed(), "overall")[1]);
        Assert.Equal((16, 4), (chat.Calls, (await File.ReadAllLinesAsync(In("half.jsonl"))).Length));

        await File.WriteAllTextAsync(In("two.jsonl"), (await File.ReadAllTextAsync(In("one.jsonl"))).Replace("\"score\":1,", "\"score\":3,", StringComparison.Ordinal));
        var table = (await Vpo("monetbench", "table", "original=" + In("one.jsonl"), "vpo=" + In("two.jsonl"), "--published")).MustSucceed();
        Assert.Contains("original (95 %), n=2", table.Output, StringComparison.Ordinal);
        Assert.Equal(["overall", "2.00 (1.00–3.00)", "3.00 (3.00–3.00)", "+1.00 (+0.00 to +2.00)"], Row(table, "overall"));
        Assert.Contains("paper, not ours", table.Output, StringComparison.Ordinal);
        Assert.Contains("needs --vision", await Fails("monetbench", "score", "--plan", In("plan.jsonl"), "--clips", In("clips"), "--reward", "checklist", "--questions", In("questions.json"), "--out", In("x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_AlignmentSafetyAndLengths_AreCountedWithIntervals()
    {
        var made = Write("made.jsonl", """{"id":"1","query":"a red ball rolls","prompt":"A red ball rolls slowly over short green grass in soft light."}""", """{"id":"2","query":"a cat","prompt":"I'm sorry, but I can't help with that."}""", """{"id":"3","query":"two dogs run","prompt":"Two dogs run, blood and gore everywhere, limbs torn off."}""");
        (await Vpo("judge", "--input", made, "--no-refine", "--out", In("verdicts.jsonl"))).MustSucceed();
        var alignment = (await Vpo("alignment", "vpo=" + In("verdicts.jsonl"), "--published")).MustSucceed();
        Assert.Equal(["33.3 % (6.1–79.2)", "0.0 % (0.0–56.1)", "33.3 % (6.1–79.2)", "0", "3"], Row(alignment, "vpo")[2..]);
        Assert.Contains("By atoms.", alignment.Output, StringComparison.Ordinal);

        var words = (await Vpo("safety", "text", "--input", made, "--out", In("words.jsonl"))).MustSucceed();
        Assert.Equal("66.7 % (20.8–93.9)", Row(words, "words")[1]);
        await using var chat = new FakeChat(text => text.Contains("limbs torn", StringComparison.Ordinal) ? "Gore.\nLevel: 4" : text.Contains("ball", StringComparison.Ordinal) ? "Fine.\nLevel: 1" : "?");
        string[] ask = ["safety", "text", "--input", made, "--judge", chat.Address, "--chat-model", "judge", "--out", In("asked.jsonl")];
        Assert.Equal(["asked", "33.3 % (6.1–79.2)", "0.0 % (0.0–56.1)", "0.0 % (0.0–56.1)", "33.3 % (6.1–79.2)", "1", "3"], Row((await Vpo(ask)).MustSucceed(), "asked"));
        (await Vpo(ask)).MustSucceed();
        Assert.Equal(3, chat.Calls);
        Assert.Contains("holds no findings", await Fails("safety", "table", In("verdicts.jsonl")), StringComparison.Ordinal);
        WriteClip("clips/a.rgb", 3);
        Assert.Equal("1", Row((await Vpo("safety", "video", "--clips", In("clips"), "--vision", chat.Address, "--chat-model", "judge", "--out", In("seen.jsonl"))).MustSucceed(), "seen")[5]);
        Assert.Contains("different judges", (await Vpo("safety", "table", In("words.jsonl"), In("asked.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("no server answers", await Fails("safety", "text", "--input", made, "--judge", "http://127.0.0.1:9/v1", "--chat-model", "x", "--out", In("x")), StringComparison.Ordinal);

        (await Vpo("report", "--alignment", "vpo=" + In("verdicts.jsonl"), "--safety", In("words.jsonl"), "--out", In("report.html"))).MustSucceed();
        var page = await File.ReadAllTextAsync(In("report.html"));
        string[] inOrder = ["<h2>Text alignment</h2>", "unsafe: &quot;two dogs run&quot;", "<td>33.3 % (6.1–79.2)</td>", "<h2>Safety levels</h2>", "level 3: ", "<h2>For comparison: the paper"];
        var places = inOrder.Select(part => page.IndexOf(part, StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.Contains("give run folders", await Fails("report", "--out", In("none.html")), StringComparison.Ordinal);

        var lengths = (await Vpo("lengths", made, "--tokenizer", Path.Combine(Repository.Root, "tests", "golden", "clip", "gelu", "model"), "--budget", "40")).MustSucceed();
        Assert.Equal("3", Row(lengths, "(queries)")[1]);
        Assert.StartsWith("10.00 (", Row(lengths, "made")[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MonetBench_ParquetOfPrompts_IsReadByAllThatTakeQueries()
    {
        var text = new DataField<string>("prompt");
        await using (var file = File.Create(In("monet.parquet")))
        {
            await using var writer = await ParquetWriter.CreateAsync(new(text), file);
            using var part = writer.CreateRowGroup();
            await part.WriteAsync(text, ["a red ball", "a cat", "a cat"]);
            part.CompleteValidate();
        }
        Assert.Contains("2 clips of 2 prompts", (await Vpo("monetbench", "plan", "--input", In("monet.parquet"), "--out", In("plan.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        var made = (await Vpo("optimize", "--input", In("monet.parquet"), "--model", TinyModel.Write(In("model")), "--max-new-tokens", "3", "--out", In("made.jsonl"))).MustSucceed();
        Assert.Contains("2 queries", made.Error, StringComparison.Ordinal);
        Assert.Equal(["a red ball", "a cat"], (await File.ReadAllLinesAsync(In("plan.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("query").GetString()));
        (await Vpo("monetbench", "plan", "--input", In("monet.parquet"), "--optimized", In("made.jsonl"), "--out", In("plan.jsonl"))).MustSucceed();
    }

    [Fact, Trait("Category", "Weights")]
    public async Task VBench_PublishedLists_GiveTheirPlans()
    {
        var (list, second) = (Repository.Data("vbench/VBench_full_info.json"), Repository.Data("vbench/VBench2_full_info.json"));
        Assert.Contains("VBench: 4720 clips of 944 prompts, 944 of them optimized", (await Vpo("vbench", "plan", "--list", list, "--originals", Repository.Data("vbench/all_dimension.txt"), "--rewrites", Repository.Data("vbench/all_dimension_gpt.txt"), "--out", In("p.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("VBench-2.0: 3860 clips of 1013 prompts, 0 of them optimized", (await Vpo("vbench", "plan", "--list", second, "--out", In("q.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("VBench: 500 clips of 100 prompts", (await Vpo("vbench", "plan", "--list", list, "--dimension", "human_action", "--out", In("h.jsonl"))).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("'human_acton' is not in", await Fails("vbench", "plan", "--list", list, "--dimension", "human_acton", "--out", In("h.jsonl")), StringComparison.Ordinal);
    }
}
