namespace Vpo.Rewards.VBench;

/// <summary>VBench's temporal flickering: (255 − mean absolute difference of neighbouring frames)/255, from 0 to 1, 1 for a still picture. VBench first drops moving clips with an optical flow model; this does not.</summary>
public static class TemporalFlickering
{
    private const double Greatest = 255;

    /// <summary>The value of one clip; not a number for a single frame.</summary>
    public static double Of(VideoClip clip) => clip.FrameCount < 2 ? double.NaN : (Greatest - Differences(clip).Average()) / Greatest;

    /// <summary>The mean absolute difference of each frame and the next, from 0 to 255.</summary>
    public static IReadOnlyList<double> Differences(VideoClip clip) =>
        [.. Enumerable.Range(1, clip.FrameCount - 1).Select(i => Difference(clip.Frame(i - 1).Span, clip.Frame(i).Span))];

    private static double Difference(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sum = 0L;
        for (var i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] - b[i]);
        return (double)sum / a.Length;
    }
}
