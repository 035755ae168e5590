using Vpo.Video.Files;

namespace Vpo.Cli.Tests;

/// <summary>vpo train diffusion-dpo and vpo plan as a user runs them, on a folder of diffusers with small numbers.</summary>
public sealed class DiffusionDpoCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Generator => Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model");

    private static Task<ProgramRun> Vpo(params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), .. arguments]);

    private async Task<string> WritePairs(int height = 16)
    {
        var random = new Random(1);
        foreach (var name in (string[])["bright", "dark"])
        {
            var frames = new byte[9 * height * 48 * 3];
            random.NextBytes(frames);
            await VideoFile.SaveAsync(new(frames.Select(b => (byte)(name == "bright" ? 128 + b / 2 : b / 2)).ToArray(), 48, height, 8), Path.Combine(_folder, name + ".rgb"));
        }
        var list = Path.Combine(_folder, "pairs.jsonl");
        await File.WriteAllTextAsync(list, """
            {"prompt": "a red ball", "chosen": "bright.rgb", "rejected": "dark.rgb"}
            {"prompt": "a cat", "chosen": "bright.rgb", "rejected": "dark.rgb", "weight": 0.5}

            """);
        return list;
    }

    [Theory, InlineData("2", "lora/pytorch_lora_weights.safetensors"), InlineData("0", "transformer/diffusion_pytorch_model.safetensors")]
    public async Task Train_PairsOfClips_EncodesTrainsAndDoesNothingTwice(string rank, string result)
    {
        string[] arguments = ["train", "diffusion-dpo", "--generator", Generator, "--pairs", await WritePairs(), "--out", Path.Combine(_folder, "run"), "--rank", rank, "--accumulate", "1", "--epochs", "2", "--rate", "1e-4"];
        Assert.Contains("4 steps", (await Vpo(arguments)).MustSucceed().Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "run", result)));
        Assert.Equal(4, File.ReadLines(Path.Combine(_folder, "run", "metrics.jsonl")).Count());
        Assert.Contains("4 steps", (await Vpo(arguments)).MustSucceed().Output, StringComparison.Ordinal);
        var other = await Vpo([.. arguments, "--scaling", "diffusers"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("another run", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_ClipsOfAnImpossibleSize_SaysWhichWouldDo()
    {
        var run = await Vpo("train", "diffusion-dpo", "--generator", Generator, "--pairs", await WritePairs(height: 20), "--out", Path.Combine(_folder, "run"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("height must be a multiple of", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_Folder_SaysTimeAndMemory()
    {
        var plan = (await Vpo("plan", "--generator", Generator, "--width", "48", "--height", "16", "--frames", "9", "--steps", "4")).MustSucceed();
        Assert.Contains("text encoder", plan.Output, StringComparison.Ordinal);
        Assert.Contains("in all about", plan.Output, StringComparison.Ordinal);
    }
}
