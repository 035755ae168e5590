using System.Diagnostics;
using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary>The program as a user runs it: the loop in its smallest size, the trained optimizer, and what goes wrong.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static string Program => Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll");

    private static Task<ProgramRun> Vpo(params string[] arguments) => ProgramRun.StartAsync("dotnet", [Program, .. arguments]);

    [Fact]
    public async Task Quickstart_KilledAndRunAgain_EndsLikeARunWithoutAKill()
    {
        var whole = (await Vpo("quickstart", "--smoke", "--seed", "5", "--out", In("whole"))).MustSucceed();
        Assert.Contains("vpo", whole.Output, StringComparison.Ordinal);
        var killed = await ProgramRun.StartAsync("dotnet", [Program, "quickstart", "--smoke", "--seed", "5", "--out", In("killed")], whileRunning: KillInTraining);
        Assert.NotEqual(0, killed.ExitCode);
        (await Vpo("quickstart", "--smoke", "--seed", "5", "--out", In("killed"))).MustSucceed();
        using var expected = Results("whole");
        using var found = Results("killed");
        Assert.Equal(expected.RootElement.GetProperty("rows").GetRawText(), found.RootElement.GetProperty("rows").GetRawText());
        AssertShape(expected.RootElement);
        Assert.Contains("data:image/png;base64", await File.ReadAllTextAsync(In("whole/report.html")), StringComparison.Ordinal);

        (await Vpo("report", In("whole"), In("killed"), "--out", In("both.html"))).MustSucceed();
        Assert.Contains("killed/vpo", await File.ReadAllTextAsync(In("both.html")), StringComparison.Ordinal);

        var prompt = (await Vpo("optimize", "--model", In("whole"), "--no-stream", "red ball")).MustSucceed();
        Assert.NotEqual("", prompt.Output.Trim());
        var cross = (await Vpo("cross", "--optimizer", $"trained={In("whole")}", "--generator", "mini", "--generator", "mini-second", "--take", "3", "--out", In("cross"))).MustSucceed();
        Assert.All((string[])["original", "trained", "mini-second", "3 queries"], text => Assert.Contains(text, cross.Output, StringComparison.Ordinal));

        var unknown = await Vpo("optimize", "--model", In("whole"), "a cute dog");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("It knows colour", unknown.Error, StringComparison.Ordinal);
        var other = await Vpo("quickstart", "--smoke", "--seed", "6", "--out", In("whole"));   // once a trace and exit code 134
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("found seed 5", Assert.Single(other.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    /// <summary>Once the defaults of an option in Vpo.Models loaded it: five times the wait for every --help.</summary>
    [Theory, InlineData("--help"), InlineData("--version"), InlineData("optimize", "--help")]
    public async Task Program_AskedForHelp_DoesNotLoadLibtorch(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the dynamic loader of Linux tells what it loads");
        var run = (await ProgramRun.StartAsync("env", ["LD_DEBUG=files", "dotnet", Program, .. arguments])).MustSucceed();
        Assert.Contains("libcoreclr", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("libtorch_cpu", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Optimize_AFileTwice_DoesNothingTwice()
    {
        await File.WriteAllTextAsync(In("q.json"), """["a red circle", "a big blue square moves left", "a dog"]""");
        string[] arguments = ["optimize", "--model", TinyModel.Write(In("model")), "--input", In("q.json"), "--take", "2", "--out", In("out.jsonl"), "--max-new-tokens", "6", "--seed", "3"];
        Assert.Contains("2 queries", (await Vpo(arguments)).MustSucceed().Error, StringComparison.Ordinal);
        var first = await File.ReadAllTextAsync(In("out.jsonl"));
        (await Vpo(arguments)).MustSucceed();
        Assert.Equal(first, await File.ReadAllTextAsync(In("out.jsonl")));
        Assert.Equal(["a red circle", "a big blue square moves left"], first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("query").GetString()));
    }

    [Fact]
    public async Task Compare_AskedForResults_PrintsThemWithCountsAndIntervals()
    {
        Directory.CreateDirectory(In("votes"));
        await File.WriteAllLinesAsync(In("votes/votes.jsonl"), Enumerable.Range(0, 6).Select(i =>
            $$"""{"id":"{{i}}","pair":"{{i / 2}}","query":"q","annotator":"{{(i % 2 == 0 ? "Ada" : "Bo")}}","first":"vpo","second":"original","swapped":false,"choice":"{{(i < 4 ? "Left" : "Tie")}}"}"""));
        var run = (await Vpo("compare", In("nothing"), "--out", In("votes"), "--results")).MustSucceed();
        Assert.Contains("+66.7", run.Output, StringComparison.Ordinal);
        Assert.Contains("Ada, Bo", run.Output, StringComparison.Ordinal);
        var wrong = await Vpo("compare", In("nothing"));
        Assert.Equal(1, wrong.ExitCode);
        Assert.Contains("expected a run folder", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quickstart_InterruptedByCtrlC_SaysThatItGoesOn()
    {
        // Where the tests run in the background, Ctrl-C is ignored by every program they start, unless it is made to count again.
        string[] command = ["dotnet", Program, "quickstart", "--smoke", "--out", In("run")];
        string[] heeding = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : command;
        var run = await ProgramRun.StartAsync(heeding[0], heeding[1..], whileRunning: process =>
        {
            WaitFor(In("run/sft"));
            Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        });
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("run the same command again to go on", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quickstart_WhereItCanNotWrite_SaysSoInOneLine()
    {
        await File.WriteAllTextAsync(In("file"), "");
        var run = await Vpo("quickstart", "--smoke", "--out", In("file/run"));
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("vpo: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Quickstart_OnAFullDisk_SaysSoAndLeavesWholeFiles()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("needs ulimit");
        // A limit on the size of files (512 KiB) fails like a full disk when the model is written.
        var run = await ProgramRun.StartAsync("bash", ["-c", $"trap '' XFSZ; ulimit -f 512; DOTNET_EnableWriteXorExecute=0 dotnet '{Program}' quickstart --smoke --out '{In("full")}'"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("vpo: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(In("full"), "*.partial", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("not safetensors")]
    [InlineData("")]
    public async Task Optimize_DamagedWeights_NamesTheFileInOneLine(string content)
    {
        var model = TinyModel.Write(In("model"));
        await File.WriteAllTextAsync(Path.Combine(model, "model.safetensors"), content);
        var run = await Vpo("optimize", "--model", model, "a red circle");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("model.safetensors", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Convert_ModelAndAdapter_WritesWhatOptimizeGivesWithBoth()
    {
        var model = TinyModel.Write(In("model"));
        TinyModel.WriteAdapter(model, In("adapter"));
        string[] asked = ["--no-stream", "--temperature", "1", "--seed", "9", "--count", "4", "--max-new-tokens", "40", "a red circle"];
        var (plain, adapted) = ((await Vpo(["optimize", "--model", model, .. asked])).MustSucceed(), (await Vpo(["optimize", "--model", model, "--adapter", In("adapter"), .. asked])).MustSucceed());
        (await Vpo("convert", "--model", model, "--adapter", In("adapter"), "--out", In("merged"))).MustSucceed();
        Assert.Equal(adapted.Output, (await Vpo(["optimize", "--model", In("merged"), .. asked])).MustSucceed().Output);
        Assert.NotEqual(plain.Output, adapted.Output);
    }

    [Fact]
    public async Task Convert_GgufWithoutTokenizer_SaysSo()
    {
        var run = await Vpo("convert", "--model", Path.Combine(Repository.Root, "tests/golden/gguf/llama_f16/model.gguf"), "--out", In("converted"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("tokenizer", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("owner/name", "vpo pull owner/name")]
    [InlineData("no-such-file.gguf", "does not exist")]
    public async Task Optimize_AModelThatIsNotThere_SaysHowToGetIt(string model, string hint) =>
        Assert.Contains(hint, (await Vpo("optimize", "--model", model, "a cat")).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Doctor_OnThisMachine_ShowsWhatWasChosen()
    {
        var run = (await Vpo("doctor")).MustSucceed();
        foreach (var line in new[] { "TorchSharp", "libtorch", "device", "type", "weights" })
            Assert.Contains(line, run.Output, StringComparison.Ordinal);
    }

    private void KillInTraining(Process process)
    {
        WaitFor(In("killed/models/sft/metrics.jsonl"));
        Thread.Sleep(500);
        process.Kill();
    }

    private static void WaitFor(string path)
    {
        for (var i = 0; i < 1200 && !Path.Exists(path); i++)
            Thread.Sleep(50);
    }

    private JsonDocument Results(string run) => JsonDocument.Parse(File.ReadAllBytes(In(run + "/results.json")));

    private static void AssertShape(JsonElement results)
    {
        var methods = results.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("method").GetString()).ToList();
        Assert.Equal(["original", "few-shot", "sft", "vpo"], methods);
        foreach (var row in results.GetProperty("rows").EnumerateArray())
        {
            var reward = row.GetProperty("video_reward");
            Assert.InRange(reward.GetProperty("mean").GetDouble(), reward.GetProperty("low").GetDouble(), reward.GetProperty("high").GetDouble());
            Assert.True(reward.GetProperty("n").GetInt32() > 0);
            _ = (row.GetProperty("unsafe").GetDouble(), row.GetProperty("aligned").GetDouble());
        }
    }
}
