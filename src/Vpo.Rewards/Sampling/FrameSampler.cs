namespace Vpo.Rewards.Sampling;

/// <summary>Which frames of a clip a judge sees.</summary>
public static class FrameSampler
{
    /// <summary>VisionReward's greatest number of frames.</summary>
    public const int VisionRewardCap = 24;

    // VisionReward's "base" strategy looks at the first minute only.
    private const int BaseSeconds = 60;

    /// <summary>VisionReward's "chat" strategy: for second 0, 1, 2, ... up to the last start rounded half to even, the first frame that starts nearest.</summary>
    /// <param name="starts">When each frame starts, in seconds as single precision, in order of presentation; at least one.</param>
    /// <param name="cap">At most this many frames.</param>
    public static int[] OnePerSecond(ReadOnlySpan<float> starts, int cap = VisionRewardCap)
    {
        if (starts.IsEmpty)
            throw new ArgumentException("expected at least one frame, found none", nameof(starts));
        var last = float.NegativeInfinity;
        foreach (var start in starts)
            last = MathF.Max(last, start);
        var seconds = (int)Math.Round((double)last, MidpointRounding.ToEven) + 1;
        var indices = new List<int>();
        for (var second = 0; second < seconds && indices.Count < cap; second++)
        {
            var nearest = 0;
            for (var i = 1; i < starts.Length; i++)
            {
                if (MathF.Abs(starts[i] - second) < MathF.Abs(starts[nearest] - second))
                    nearest = i;
            }
            indices.Add(nearest);
        }
        return [.. indices];
    }

    /// <summary>The same for a clip of constant rate.</summary>
    public static int[] OnePerSecond(VideoClip clip, int cap = VisionRewardCap) =>
        OnePerSecond([.. Enumerable.Range(0, clip.FrameCount).Select(i => (float)(i / clip.FramesPerSecond))], cap);

    /// <summary>VisionReward's "base" strategy: evenly from the first to the last frame of the first minute, rounded down; short clips repeat frames.</summary>
    /// <param name="frames">How many frames the clip has; at least 1.</param>
    /// <param name="framesPerSecond">Its mean rate.</param>
    /// <param name="count">How many to take.</param>
    public static int[] Evenly(int frames, double framesPerSecond, int count = VisionRewardCap)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frames);
        return [.. Linspace(Math.Min(frames, (int)(BaseSeconds * framesPerSecond)) - 1, count).Select(v => (int)v)];
    }

    /// <summary>VBench's "middle": the middle frames of equal parts; a clip with fewer frames repeats its last one.</summary>
    /// <param name="frames">How many frames the clip has; at least 1.</param>
    /// <param name="count">How many to take.</param>
    public static int[] Middle(int frames, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(frames);
        int[] edges = [.. Linspace(frames, Math.Min(count, frames) + 1).Select(v => (int)v)];
        int[] middles = [.. Enumerable.Range(0, edges.Length - 1).Select(i => (edges[i] + edges[i + 1] - 1) / 2)];
        return [.. middles, .. Enumerable.Repeat(middles[^1], count - middles.Length)];
    }

    /// <summary>VBench's "fps": the middle of every 1/rate seconds, rounded half to even; none for a clip shorter than half of that.</summary>
    /// <param name="frames">How many frames the clip has.</param>
    /// <param name="framesPerSecond">Its rate.</param>
    /// <param name="rate">Frames a second to take.</param>
    public static int[] AtRate(int frames, double framesPerSecond, double rate)
    {
        var (gap, seconds) = (1 / rate, frames / framesPerSecond);
        var start = gap / 2;
        var count = (int)Math.Ceiling((seconds + gap / 2 - start) / gap);
        var step = start + gap - start;
        return [.. Enumerable.Range(0, Math.Max(count, 0)).Select(i => (int)Math.Round((start + i * step) * framesPerSecond, MidpointRounding.ToEven)).Where(i => i < frames)];
    }

    // numpy.linspace(0, end, count): multiples of the step, the last exactly the end.
    private static IEnumerable<double> Linspace(double end, int count)
    {
        if (count == 1)
            return [0];
        var step = end / (count - 1);
        return Enumerable.Range(0, count).Select(i => i == count - 1 ? end : i * step);
    }
}
