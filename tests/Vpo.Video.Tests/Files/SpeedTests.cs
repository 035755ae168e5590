using System.Diagnostics;
using Vpo.Video.Files;

namespace Vpo.Video.Tests.Files;

/// <summary>How long files take; for docs/experiments.md.</summary>
public sealed class SpeedTests
{
    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task SaveOpen_FortyNineFramesAt720x480_TakesSeconds()
    {
        Clips.NeedFfmpeg();
        var folder = Directory.CreateTempSubdirectory("vpo-speed-").FullName;
        var clip = Clips.Moving(720, 480, 49);
        var said = new List<string>();
        foreach (var name in new[] { "a.mp4", "a.gif", "a.webp", "frames", "a.rgb" })
        {
            var path = Path.Combine(folder, name);
            var start = Stopwatch.GetTimestamp();
            await VideoFile.SaveAsync(clip, path, cancellationToken: TestContext.Current.CancellationToken);
            var (saved, middle) = (Stopwatch.GetElapsedTime(start), Stopwatch.GetTimestamp());
            Assert.Equal(clip.Frames.Length, VideoFile.Open(path).Frames.Length);
            var size = File.Exists(path) ? new FileInfo(path).Length : Directory.GetFiles(path).Sum(file => new FileInfo(file).Length);
            said.Add(FormattableString.Invariant($"{name}: save {saved.TotalSeconds:0.00} s, read {Stopwatch.GetElapsedTime(middle).TotalSeconds:0.00} s, {size / 1000.0:0} kB"));
        }
        Directory.Delete(folder, recursive: true);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', said));
    }
}
