namespace Vpo.MiniWorld;

/// <summary>How far each pixel of a frame is from the background towards the object's colour, from 0 to 1, around the object.</summary>
internal sealed class SoftCover
{
    private const int Side = Renderer.Side;

    private SoftCover(double[] cover) => Cover = cover;

    public double[] Cover { get; }

    /// <summary>Sum of the cover: pixels.</summary>
    public double Area { get; private init; }

    /// <summary>Centroid, in pixels from the left.</summary>
    public double X { get; private init; }

    /// <summary>Centroid, in pixels from the top.</summary>
    public double Y { get; private init; }

    public static SoftCover Of(ReadOnlySpan<byte> frame, FrameMask mask, int place, double[] colour)
    {
        var cover = new double[Side * Side];
        double area = 0, sumX = 0, sumY = 0;
        for (var i = 0; i < cover.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            if (!mask.IsNear(x, y))
                continue;
            var ground = Palette.Background(place, y);
            double along = 0, length = 0;
            for (var c = 0; c < 3; c++)
            {
                var way = colour[c] - ground[c];
                along += (frame[i * 3 + c] - ground[c]) * way;
                length += way * way;
            }
            cover[i] = length < 1 ? 0 : Math.Clamp(along / length, 0, 1);
            (area, sumX, sumY) = (area + cover[i], sumX + cover[i] * (x + 0.5), sumY + cover[i] * (y + 0.5));
        }
        return area > 0 ? new(cover) { Area = area, X = sumX / area, Y = sumY / area } : new(cover) { X = Side / 2.0, Y = Side / 2.0 };
    }
}
