namespace Vpo.Cli.Tests;

/// <summary>The console sample, run as a user would run it.</summary>
public sealed class SwapPartsTests
{
    [Fact]
    public async Task SwapParts_InSmallSize_ComparesTwoRuns()
    {
        var program = Path.Combine(Repository.Root, "samples", "SwapParts", "bin", BuildKind.Configuration, "net10.0", "SwapParts.dll");
        using var folder = new TemporaryHome();
        var run = (await ProgramRun.StartAsync("bash", ["-c", $"TMPDIR='{folder.Path}' dotnet '{program}'"])).MustSucceed();
        Assert.Contains("with the mini world's judge and reward", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, run.Output.Split("few-shot").Length - 1);
    }

    private sealed class TemporaryHome : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("vpo-swap-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
