using Microsoft.Extensions.DependencyInjection;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>Programs stood in for by shell scripts that keep their arguments and write a clip as the real ones do.</summary>
public sealed class CommandTests : IDisposable
{
    private static readonly VideoRequest Request = new("a \"red\" ball; $(rolls) – fast") { Seed = 11 };
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-command-").FullName;

    public CommandTests()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs a POSIX shell");
        File.WriteAllBytes(In("made.mp4"), TinyMp4.Of("clip"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A "python" that writes its arguments to args.txt and runs the given lines; $out is the value behind --out or --save-dir.</summary>
    private void Script(string lines)
    {
        var head = $$"""
            #!/bin/sh
            printf '%s\n' "$@" > '{{In("args.txt")}}'
            previous=
            for argument in "$@"; do
              case "$previous" in --out|--save-dir) out="$argument";; --prompt-file) prompt="$argument";; esac
              previous="$argument"
            done

            """;
        File.WriteAllText(In("python"), head + lines);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(In("python"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<VideoClip> Run(Action<CommandOptions> set, VideoRequest? request = null, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken? token = null)
    {
        var services = new ServiceCollection();
        services.AddVpo().UseCommand(command =>
        {
            set(command);
            (command.Folder, command.Program) = (In("clips"), In("python"));
        });
        await using var provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<IVideoGenerator>().GenerateAsync(request ?? Request, options, progress, token ?? Token);
    }

    private string[] Arguments => File.ReadAllLines(In("args.txt"));

    private static void Has(string[] arguments, params string[] expected)
    {
        for (var i = 0; i < expected.Length; i += 2)
            Assert.Equal(expected[i + 1], arguments[Array.IndexOf(arguments, expected[i]) + 1]);
    }

    [Fact]
    public async Task OpenSora12_Recipe_CallsItsScriptAndTakesTheFirstSample()
    {
        Script($"""cp '{In("made.mp4")}' "$out/sample_0000.mp4" """);
        var clip = await Run(command => command.UseOpenSora12(_folder), options: new() { FrameCount = 102, GuidanceScale = 7 });
        Assert.Equal(["scripts/inference.py", "configs/opensora-v1-2/inference/sample.py"], Arguments[..2]);
        Has(Arguments, "--num-frames", "102", "--resolution", "720p", "--aspect-ratio", "9:16", "--num-sampling-steps", "30", "--cfg-scale", "7", "--seed", "11", "--prompt", Request.Prompt);
        Assert.Equal((64, 49, "open-sora-1.2", Request.Prompt), (clip.Width, clip.FrameCount, clip.ModelId, clip.Prompt));
        Assert.Equal([clip.File], Directory.GetFileSystemEntries(In("clips")));
    }

    [Fact]
    public async Task HunyuanVideo_Recipe_CallsTheDiffusersScript()
    {
        Script($"""cp '{In("made.mp4")}' "$out/clip.mp4"; cp "$prompt" '{In("prompt.txt")}'""");
        await Run(command => command.UseHunyuanVideo("docs/recipes/diffusers_video.py"));
        Has(Arguments, "--model", "hunyuanvideo-community/HunyuanVideo", "--width", "832", "--height", "480", "--frames", "61", "--fps", "24", "--steps", "30", "--seed", "11");
        Assert.DoesNotContain("--negative-prompt", Arguments);
        Assert.DoesNotContain("--image", Arguments);
        Assert.Equal(Request.Prompt, await File.ReadAllTextAsync(In("prompt.txt"), Token));
    }

    [Fact]
    public async Task StableVideoDiffusion_Recipe_GetsTheFirstFrame()
    {
        Script($"""cp '{In("made.mp4")}' "$out/clip.mp4"; previous=; for a in "$@"; do [ "$previous" = --image ] && cp "$a" '{In("image.png")}'; previous="$a"; done; true""");
        var frame = Files.Clips.Moving(frames: 1);
        await Run(command => command.UseStableVideoDiffusion("docs/recipes/diffusers_video.py"), Request with { StartFrame = frame });
        Has(Arguments, "--width", "1024", "--height", "576", "--frames", "25", "--fps", "7");
        Assert.Equal(frame.Frames.ToArray(), Vpo.Video.Files.VideoFile.Open(In("image.png")).Frames.ToArray());
        var e = await Assert.ThrowsAsync<ArgumentException>(() => Run(command => command.UseStableVideoDiffusion("x.py")));
        Assert.Contains("StartFrame", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_ValueWithoutAPlace_IsRefusedBeforeTheRun()
    {
        Script("true");
        var e = await Assert.ThrowsAsync<ArgumentException>(() => Run(command => command.UseOpenSora12(_folder), options: new() { Width = 640, Height = 480 }));
        Assert.Contains("{{width}}", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(In("args.txt")));
    }

    [Fact]
    public async Task Generate_Again_RunsNothing()
    {
        Script($"""cp '{In("made.mp4")}' "$out/clip.mp4" """);
        await Run(command => command.UseDiffusers("x.py", "m"));
        File.Delete(In("args.txt"));
        await Run(command => command.UseDiffusers("x.py", "m"));
        Assert.False(File.Exists(In("args.txt")));
    }

    [Theory]
    [InlineData("echo 'CUDA out of memory' >&2; exit 3", "code 3: CUDA out of memory")]
    [InlineData("true", "found 0")]
    [InlineData("echo torn > \"$out/clip.mp4\"", "no complete video")]
    public async Task Generate_ProgramFails_SaysWhyAndLeavesNothing(string lines, string says)
    {
        Script(lines);
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Run(command => command.UseDiffusers("x.py", "m")));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(In("clips")));
    }

    [Fact]
    public async Task Generate_Cancelled_KillsTheProgramAndItsChildren()
    {
        Script($"sleep 300 & echo $! > '{In("child")}'; echo ' 42%|####' >&2; wait");
        using var stop = new CancellationTokenSource();
        var heard = new Heard(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(command => command.UseDiffusers("x.py", "m"), progress: heard, token: stop.Token));
        Assert.Equal(42, heard.Last.Done);
        var child = int.Parse(await File.ReadAllTextAsync(In("child"), Token), System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < 100 && IsAlive(child); i++)
            await Task.Delay(20, Token);
        Assert.False(IsAlive(child));
        Assert.Empty(Directory.GetFileSystemEntries(In("clips")));
    }

    [Fact]
    public async Task Generate_TakesTooLong_IsStopped()
    {
        Script("sleep 300");
        var e = await Assert.ThrowsAsync<VideoGenerationException>(() => Run(command => { command.UseDiffusers("x.py", "m"); command.RunTimeout = TimeSpan.FromMilliseconds(200); }));
        Assert.Contains("longer than", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A zombie that nobody has waited for is dead enough.</summary>
    private static bool IsAlive(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Split(')')[^1].Trim()[0] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private sealed class Heard(CancellationTokenSource stop) : IProgress<VideoProgress>
    {
        public VideoProgress Last { get; private set; }

        public void Report(VideoProgress value)
        {
            Last = value;
            stop.Cancel();
        }
    }
}
