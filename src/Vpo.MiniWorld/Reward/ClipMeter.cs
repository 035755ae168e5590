namespace Vpo.MiniWorld;

/// <summary>Measures a clip by its pixels alone: no network, no knowledge of the prompt.</summary>
internal static class ClipMeter
{
    private const int Side = Renderer.Side, Border = 2, LeastArea = 12, MostArea = 300, LeastFrames = 5;
    private const double StillBelow = 3.2;

    public static ClipMeasurement Measure(VideoClip clip)
    {
        var place = NearestPlace(clip);
        var masks = new FrameMask[clip.FrameCount];
        for (var i = 0; i < masks.Length; i++)
            masks[i] = FrameMask.Of(clip.Frame(i).Span, place);
        var seen = Enumerable.Range(0, masks.Length).Where(i => masks[i].Area is >= LeastArea and <= MostArea).ToList();
        var measured = new ClipMeasurement { Place = place, FramesWithObject = seen.Count };
        if (seen.Count == 0)
            return measured;
        var colour = MeanColour(clip, masks, seen);
        var (named, distance) = Nearest(colour);
        var covers = seen.Select(i => SoftCover.Of(clip.Frame(i).Span, masks[i], place, colour)).ToList();
        var (shape, size, overlap) = OutlineMatch.Best(covers);
        return WithPath(measured, seen, covers) with
        {
            Colour = named,
            ColourDistance = distance,
            Shape = shape,
            Size = size,
            Overlap = overlap,
            Clutter = seen.Sum(i => masks[i].Others) / (double)seen.Sum(i => masks[i].Area),
            AreaVariation = Variation([.. covers.Select(cover => cover.Area)]),
        };
    }

    private static int NearestPlace(VideoClip clip)
    {
        Span<double> distances = stackalloc double[Lexicon.Values(Aspect.Place).Count];
        for (var f = 0; f < clip.FrameCount; f++)
        {
            var frame = clip.Frame(f).Span;
            for (var i = 0; i < Side * Side; i++)
            {
                var (x, y) = (i % Side, i / Side);
                if (x is >= Border and < Side - Border && y is >= Border and < Side - Border)
                    continue;
                for (var place = 0; place < distances.Length; place++)
                    distances[place] += FrameMask.Distance(frame.Slice(i * 3, 3), Palette.Background(place, y));
            }
        }
        return Smallest(distances);
    }

    private static double[] MeanColour(VideoClip clip, FrameMask[] masks, List<int> seen)
    {
        double[] core = new double[3], all = new double[3];
        int coreCount = 0, allCount = 0;
        foreach (var f in seen)
        {
            var frame = clip.Frame(f).Span;
            for (var i = 0; i < Side * Side; i++)
            {
                if (!masks[f].Has(i % Side, i / Side))
                    continue;
                var isCore = masks[f].IsCore(i % Side, i / Side);
                (coreCount, allCount) = (coreCount + (isCore ? 1 : 0), allCount + 1);
                for (var c = 0; c < 3; c++)
                {
                    all[c] += frame[i * 3 + c];
                    core[c] += isCore ? frame[i * 3 + c] : 0;
                }
            }
        }
        return coreCount > 0 ? [.. core.Select(sum => sum / coreCount)] : [.. all.Select(sum => sum / allCount)];
    }

    private static (int Colour, double Distance) Nearest(double[] colour)
    {
        Span<double> distances = stackalloc double[Palette.Colours.Length];
        for (var i = 0; i < distances.Length; i++)
            distances[i] = Math.Sqrt(Palette.Colours[i].Zip(colour, (a, b) => (a - b) * (a - b)).Sum());
        var best = Smallest(distances);
        return (best, distances[best]);
    }

    private static ClipMeasurement WithPath(ClipMeasurement measured, List<int> frames, List<SoftCover> covers)
    {
        if (frames.Count < LeastFrames)
            return measured;
        var (slopeX, restX) = Line(frames, [.. covers.Select(cover => cover.X)]);
        var (slopeY, restY) = Line(frames, [.. covers.Select(cover => cover.Y)]);
        var (dx, dy) = (slopeX * (Renderer.FrameCount - 1), slopeY * (Renderer.FrameCount - 1));
        var travel = Math.Sqrt(dx * dx + dy * dy);
        var direction = travel < StillBelow ? Lexicon.Still : Math.Abs(dx) > Math.Abs(dy) ? (dx < 0 ? 0 : 1) : dy < 0 ? 2 : 3;
        return measured with
        {
            Direction = direction,
            Speed = direction == Lexicon.Still ? -1 : travel < (Renderer.Travels[0] + Renderer.Travels[1]) / 2 ? 0 : 1,
            PathResidual = Math.Sqrt((restX + restY) / frames.Count),
        };
    }

    /// <summary>Least squares: slope a frame, and the sum of squared residuals.</summary>
    private static (double Slope, double Residual) Line(List<int> frames, double[] values)
    {
        double meanT = frames.Average(), meanV = values.Average();
        var slope = frames.Zip(values, (t, v) => (t - meanT) * (v - meanV)).Sum() / frames.Sum(t => (t - meanT) * (t - meanT));
        return (slope, frames.Zip(values, (t, v) => Math.Pow(v - meanV - slope * (t - meanT), 2)).Sum());
    }

    private static double Variation(double[] areas)
    {
        var mean = areas.Average();
        return mean <= 0 ? double.PositiveInfinity : Math.Sqrt(areas.Average(area => (area - mean) * (area - mean))) / mean;
    }

    private static int Smallest(ReadOnlySpan<double> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
            if (values[i] < values[best])
                best = i;
        return best;
    }
}
