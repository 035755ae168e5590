using System.Diagnostics;

namespace Vpo.Video.Tests.Hosted;

/// <summary>docs/recipes/diffusers_video.py with stand-ins for torch and diffusers.</summary>
public sealed class DiffusersScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-script-").FullName;

    private static string Python => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists) ?? "";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(int Code, string Said)> Run(params string[] arguments)
    {
        if (Python.Length == 0)
            Assert.Skip("absent: python3");
        Directory.CreateDirectory(Path.Combine(_folder, "diffusers"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "torch.py"), """
            bfloat16 = "bf16"
            class cuda:
                is_available = staticmethod(lambda: False)
            class Generator:
                def __init__(self, device): self.device = device
                def manual_seed(self, seed): self.seed = seed; return self
                def __repr__(self): return f"generator {self.seed}"
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "diffusers", "__init__.py"), """
            class Pipe:
                def __call__(self, prompt, image=None, width=None, height=None, num_frames=None, num_inference_steps=None, fps=7, generator=None):
                    class Result: frames = [sorted((k, str(v)) for k, v in locals_().items() if v is not None)]
                    return Result
            import inspect
            def locals_():
                frame = inspect.currentframe().f_back.f_back
                return {k: v for k, v in frame.f_locals.items() if k not in ("self", "Result")}
            class DiffusionPipeline:
                @staticmethod
                def from_pretrained(model, torch_dtype): return Pipe()
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "diffusers", "utils.py"), """
            def load_image(path): return "picture"
            def export_to_video(frames, path, fps):
                with open(path, "w") as file: file.write(f"{fps} {frames}")
            """);
        await File.WriteAllTextAsync(Path.Combine(_folder, "prompt.txt"), "a ball – rolls");
        var script = Path.Combine(Repository.Root, "docs", "recipes", "diffusers_video.py");
        var start = new ProcessStartInfo(Python, [script, "--model", "m", "--prompt-file", Path.Combine(_folder, "prompt.txt"), "--out", Path.Combine(_folder, "out"), .. arguments]) { RedirectStandardError = true };
        start.Environment["PYTHONPATH"] = _folder;
        using var process = Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    [Fact]
    public async Task Run_AllArguments_ReachThePipeline()
    {
        var (code, said) = await Run("--image", "x.png", "--width", "64", "--height", "32", "--frames", "9", "--steps", "3", "--fps", "7", "--seed", "5");
        Assert.True(code == 0, said);
        var clip = await File.ReadAllTextAsync(Path.Combine(_folder, "out", "clip.mp4"), TestContext.Current.CancellationToken);
        foreach (var part in new[] { "7 [", "'a ball – rolls'", "'picture'", "('width', '64')", "('height', '32')", "('num_frames', '9')", "('num_inference_steps', '3')", "generator 5" })
            Assert.Contains(part, clip, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PipelineTakesNoNegativePrompt_SaysSo()
    {
        var (code, said) = await Run("--negative-prompt", "blur");
        Assert.Equal(1, code);
        Assert.Contains("takes no negative_prompt", said, StringComparison.Ordinal);
    }
}
