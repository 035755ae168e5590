using Vpo.Video.Files;

namespace Vpo.Video.Tests.Files;

/// <summary>Small clips for tests.</summary>
internal static class Clips
{
    public static bool HasFfmpeg
    {
        get
        {
            try
            {
                return Ffmpeg.Find("ffmpeg").Length > 0 && Ffmpeg.Find("ffprobe").Length > 0;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    public static void NeedFfmpeg()
    {
        if (!HasFfmpeg)
            Assert.Skip("absent: ffmpeg (apt-get install ffmpeg)");
    }

    /// <summary>A bright square that moves over a dark gradient.</summary>
    public static VideoClip Moving(int width = 32, int height = 24, int frames = 9, double rate = 8)
    {
        var bytes = new byte[frames * width * height * 3];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (pixel, channel) = (i / 3, i % 3);
            var (x, y, t) = (pixel % width, pixel / width % height, pixel / width / height);
            bytes[i] = x / 8 == t % 4 && y / 8 == 1 ? (byte)(220 - 60 * channel) : (byte)(x * 2 + y + 20 * channel);
        }
        return new(bytes, width, height, rate) { Prompt = "a square = moves; \"right\" übers Feld", Seed = 7, ModelId = "tiny" };
    }

    public static double MeanDifference(VideoClip a, VideoClip b)
    {
        Assert.Equal((a.Width, a.Height, a.FrameCount), (b.Width, b.Height, b.FrameCount));
        var (x, y) = (a.Frames.ToArray(), b.Frames.ToArray());
        return x.Zip(y, (p, q) => (double)Math.Abs(p - q)).Average();
    }
}
