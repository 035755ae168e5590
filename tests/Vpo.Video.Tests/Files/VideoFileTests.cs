using CsCheck;
using Vpo.Video.Files;

namespace Vpo.Video.Tests.Files;

public sealed class VideoFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-video-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);

    private async Task<VideoClip> Round(VideoClip clip, string name, VideoFileOptions? options = null)
    {
        await VideoFile.SaveAsync(clip, In(name), options, TestContext.Current.CancellationToken);
        return VideoFile.Open(In(name));
    }

    [Theory]
    [InlineData("clip.rgb")]
    [InlineData("frames")]
    [InlineData("clip.webp")]
    public async Task SaveOpen_LosslessFormat_GivesTheSameClip(string name)
    {
        if (name.EndsWith("webp", StringComparison.Ordinal))
            Clips.NeedFfmpeg();
        var clip = Clips.Moving();
        var read = await Round(clip, name);
        Assert.Equal((clip.Width, clip.Height, clip.FrameCount, clip.FramesPerSecond), (read.Width, read.Height, read.FrameCount, Math.Round(read.FramesPerSecond, 6)));
        Assert.Equal(clip.Frames.ToArray(), read.Frames.ToArray());
        Assert.Equal((clip.Prompt, clip.Seed, clip.ModelId, In(name)), (read.Prompt, read.Seed, read.ModelId, read.File));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder), entry => entry.Contains("partial", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("clip.mp4", 8, 4)]
    [InlineData("clip.mp4", 23.976, 4)]
    [InlineData("clip.gif", 8, 12)]
    public async Task SaveOpen_LossyFormat_KeepsSizeLengthRateAndOrigin(string name, double rate, double tolerance)
    {
        Clips.NeedFfmpeg();
        var clip = Clips.Moving(rate: rate);
        var read = await Round(clip, name);
        Assert.Equal((clip.Width, clip.Height, clip.FrameCount), (read.Width, read.Height, read.FrameCount));
        Assert.InRange(read.FramesPerSecond, rate * 0.98, rate * 1.02);
        Assert.InRange(Clips.MeanDifference(clip, read), 0, tolerance);
        Assert.Equal((clip.Prompt, clip.Seed, clip.ModelId), (read.Prompt, read.Seed, read.ModelId));
    }

    [Fact]
    public async Task Save_Mp4_DescribesItselfWithoutADecoder()
    {
        Clips.NeedFfmpeg();
        await VideoFile.SaveAsync(Clips.Moving(), In("a.mp4"), cancellationToken: TestContext.Current.CancellationToken);
        var file = Mp4File.Open(In("a.mp4"));
        Assert.Equal((32, 24, 9, 8.0), (file.Width, file.Height, file.FrameCount, file.FramesPerSecond));
    }

    [Fact]
    public async Task Save_Mp4Twice_GivesTheSameBytes()
    {
        Clips.NeedFfmpeg();
        await Round(Clips.Moving(), "a.mp4");
        await Round(Clips.Moving(), "b.mp4");
        Assert.Equal(await File.ReadAllBytesAsync(In("a.mp4")), await File.ReadAllBytesAsync(In("b.mp4")));
    }

    [Theory]
    [InlineData(1, 33, 25, 34, 26)]
    [InlineData(1, 33, 24, 34, 24)]
    [InlineData(16, 33, 25, 48, 32)]
    [InlineData(16, 32, 16, 32, 16)]
    public async Task Save_Mp4OfOddSize_IsPaddedOrScaled(int block, int width, int height, int expectedWidth, int expectedHeight)
    {
        Clips.NeedFfmpeg();
        var read = await Round(Clips.Moving(width, height, 2), "odd.mp4", new() { MacroBlockSize = block });
        Assert.Equal((expectedWidth, expectedHeight, 2), (read.Width, read.Height, read.FrameCount));
        Assert.Equal(2 * expectedWidth * expectedHeight * 3, read.Frames.Length);
    }

    [Fact]
    public async Task Save_WithoutMetadata_SaysNothingOfTheOrigin()
    {
        Clips.NeedFfmpeg();
        foreach (var name in new[] { "a.mp4", "a.gif", "a.webp", "a.rgb", "a" })
        {
            var read = await Round(Clips.Moving(), name, new() { WritesMetadata = false });
            Assert.Equal((null, null, null), (read.Prompt, read.Seed, read.ModelId));
        }
    }

    [Fact]
    public async Task Save_AsReference_TellsItsRate()
    {
        Clips.NeedFfmpeg();
        var read = await Round(Clips.Moving(width: 32, height: 32), "r.mp4", VideoFileOptions.AsReference);
        Assert.Equal(10, read.FramesPerSecond);
    }

    [Fact]
    public async Task Open_TornFile_IsRefusedWithTheReason()
    {
        Clips.NeedFfmpeg();
        await Round(Clips.Moving(), "a.mp4");
        await Round(Clips.Moving(), "a.webp");
        foreach (var name in new[] { "a.mp4", "a.webp" })
        {
            var bytes = await File.ReadAllBytesAsync(In(name));
            for (var length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 37))
            {
                await File.WriteAllBytesAsync(In("torn" + Path.GetExtension(name)), bytes[..length]);
                Assert.ThrowsAny<IOException>(() => Wrapped(() => VideoFile.Open(In("torn" + Path.GetExtension(name)))));
            }
        }
    }

    /// <summary>InvalidDataException is no IOException; both are clear answers.</summary>
    private static VideoClip Wrapped(Func<VideoClip> open)
    {
        try
        {
            return open();
        }
        catch (InvalidDataException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    [Fact]
    public async Task Save_Cancelled_LeavesTheEarlierFileAndNoProcess()
    {
        Clips.NeedFfmpeg();
        await Round(Clips.Moving(), "a.mp4");
        var before = await File.ReadAllBytesAsync(In("a.mp4"));
        using var stop = new CancellationTokenSource();
        var big = new VideoClip(() => { stop.Cancel(); return Clips.Moving(640, 480, 20).Frames; }, 20, 640, 480, 8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => VideoFile.SaveAsync(big, In("a.mp4"), cancellationToken: stop.Token));
        Assert.Equal(before, await File.ReadAllBytesAsync(In("a.mp4")));
        Assert.Equal([In("a.mp4")], Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Save_FfmpegFails_SaysWhyAndLeavesNothing()
    {
        Clips.NeedFfmpeg();
        var e = await Assert.ThrowsAsync<IOException>(() => VideoFile.SaveAsync(Clips.Moving(20000, 2, 1), In("a.mp4"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("ffmpeg failed", e.Message, StringComparison.Ordinal);
        Assert.Contains("20000x2", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("a.avi")]
    [InlineData("a.jpg")]
    public async Task Save_UnknownExtension_NamesTheKnownOnes(string name) =>
        Assert.Contains(".mp4", (await Assert.ThrowsAsync<ArgumentException>(() => VideoFile.SaveAsync(Clips.Moving(), In(name)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Open_FileOfAnotherContainer_IsProbed()
    {
        Clips.NeedFfmpeg();
        var clip = Clips.Moving();
        await Ffmpeg.WriteAsync(["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "32x24", "-r", "8", "-i", "pipe:0", "-c:v", "ffv1", "-y", In("a.mkv")], [clip.Frames], TestContext.Current.CancellationToken);
        var read = VideoFile.Open(In("a.mkv"));
        Assert.Equal((32, 24, 9, 8.0), (read.Width, read.Height, read.FrameCount, read.FramesPerSecond));
        Assert.Equal(clip.Frames.ToArray(), read.Frames.ToArray());
    }

    [Fact]
    public async Task Open_PictureOfAnotherProgram_IsReadWithEveryFilter()
    {
        Clips.NeedFfmpeg();
        var clip = Clips.Moving(frames: 1);
        foreach (var filter in new[] { "none", "sub", "up", "avg", "paeth", "mixed" })
        {
            await Ffmpeg.WriteAsync(["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "32x24", "-i", "pipe:0", "-pred", filter, "-y", In("a.png")], [clip.Frames], TestContext.Current.CancellationToken);
            Assert.Equal(clip.Frames.ToArray(), VideoFile.Open(In("a.png")).Frames.ToArray());
        }
    }

    [Fact]
    public void Picture_AnyPixels_SurvivesAndDamageIsSeen() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[0, 1000]).Sample((width, height, seed) =>
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        var png = new PngPicture(pixels, width, height, "é").Encode();
        var read = PngPicture.Decode(png, "x.png");
        Assert.Equal(pixels, read.Pixels.ToArray());
        Assert.Equal((width, height, "é"), (read.Width, read.Height, read.Comment));
        png[8 + seed % (png.Length - 8)] ^= 0x40;
        Assert.Throws<InvalidDataException>(() => PngPicture.Decode(png, "x.png"));
    }, iter: 200);

    [Fact]
    public async Task Frames_OfAFile_AreReadOnFirstUse()
    {
        await VideoFile.SaveAsync(Clips.Moving(), In("a.rgb"), cancellationToken: TestContext.Current.CancellationToken);
        var clip = VideoFile.Open(In("a.rgb"));
        Assert.Contains("9 frames of 32x24", clip.ToString(), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(In("a.rgb"), new byte[10]);
        Assert.Contains("expected 9 RGB frames", Assert.Throws<InvalidDataException>(() => clip.Frames).Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(In("a.rgb"), Clips.Moving().Frames.ToArray());
        Assert.Equal(Clips.Moving().Frames.ToArray(), clip.Frames.ToArray());
    }
}
