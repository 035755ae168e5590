using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary><c>vpo generate</c> with a shell script as the video model.</summary>
public sealed class GenerateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-generate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static Task<ProgramRun> Vpo(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments]);

    /// <summary>Writes a GIF of one pixel; fails for prompts with "bad".</summary>
    private async Task WriteModel()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs a POSIX shell");
        await File.WriteAllBytesAsync(In("made.gif"), Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"));
        await File.WriteAllTextAsync(In("model.sh"), $"case \"$1\" in *bad*) echo 'no such scene' >&2; exit 2;; esac\necho \"$1\" >> '{In("runs.txt")}'\ncp '{In("made.gif")}' \"$2/made.gif\"\n");
        var config = new { mine = new { Kind = "command", Program = "sh", Arguments = new[] { In("model.sh"), "{{prompt}}", "{{out}}" }, Output = "made.gif" } };
        await File.WriteAllTextAsync(In("generators.json"), JsonSerializer.Serialize(config));
    }

    [Fact]
    public async Task Generate_AFileTwice_MakesEachClipOnceAndReportsTheFailed()
    {
        await WriteModel();
        await File.WriteAllLinesAsync(In("prompts.jsonl"), ["""{"id":"1","query":"dog","prompt":"a brown dog runs"}""", """{"id":"2","query":"cat","prompt":"a bad cat"}""", """{"id":"3","query":"fox","prompt":"a red fox sits"}"""]);
        string[] arguments = ["generate", "--generator", "mine", "--config", In("generators.json"), "--input", In("prompts.jsonl"), "--out", In("clips"), "--seed", "4"];
        for (var run = 0; run < 2; run++)
        {
            var result = await Vpo(arguments);
            Assert.True(result.ExitCode == 1, result.Error);
            Assert.Contains("no such scene", result.Error, StringComparison.Ordinal);
            Assert.Contains(run == 0 ? "0 were there already, 1 failed" : "2 were there already, 1 failed", result.Error, StringComparison.Ordinal);
        }
        Assert.Equal(["a brown dog runs", "a red fox sits"], (await File.ReadAllLinesAsync(In("runs.txt"))).Order());
        var lines = (await File.ReadAllLinesAsync(In("clips/clips.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(2, lines.Count);
        Assert.All(lines, line => Assert.True(File.Exists(In("clips/" + line.GetProperty("file").GetString()))));
    }

    /// <summary>The tiny CogVideoX of the golden cases, in this process: killed in its second clip, it goes on with the missing ones. Frames go to raw files, which need no ffmpeg.</summary>
    [Fact]
    public async Task Generate_LocalModelKilledHalfWay_GoesOnWithTheMissing()
    {
        var model = Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model");
        await File.WriteAllTextAsync(In("generators.json"), JsonSerializer.Serialize(new { tiny = new { Kind = "cogvideox", Model = model, Offload = "InOrder", TruncatesPrompts = true } }));
        await File.WriteAllLinesAsync(In("prompts.txt"), ["a red ball", "a blue ball", "a green ball"]);
        string[] arguments = ["generate", "--generator", "tiny", "--config", In("generators.json"), "--input", In("prompts.txt"), "--out", In("clips"), "--format", "rgb", "--size", "48x16", "--frames", "9", "--steps", "1000"];
        string[] Lines() => File.Exists(In("clips/clips.jsonl")) ? File.ReadAllLines(In("clips/clips.jsonl")) : [];
        var killed = await ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments], whileRunning: process =>
        {
            while (!process.WaitForExit(5))
            {
                if (Lines().Length == 1)
                    process.Kill();
            }
        });
        Assert.Contains("clip 1, denoising", killed.Error, StringComparison.Ordinal);
        var first = Assert.Single(Lines());
        var rest = await Vpo(arguments);
        Assert.Contains("1 were there already, 0 failed", rest.Error, StringComparison.Ordinal);
        Assert.Equal((3, first), (Lines().Length, Lines()[0]));
        Assert.All(Lines(), line => Assert.True(File.Exists(In("clips/" + JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()))));
    }

    [Fact]
    public async Task Generate_UnknownNameOrFile_SaysWhatThereIs()
    {
        await WriteModel();
        Assert.Contains("which has mine", (await Vpo("generate", "--generator", "other", "--config", In("generators.json"), "a dog")).Error, StringComparison.Ordinal);
        Assert.Contains("docs/generators.md", (await Vpo("generate", "--generator", "mine", "--config", In("absent.json"), "a dog")).Error, StringComparison.Ordinal);
    }
}
