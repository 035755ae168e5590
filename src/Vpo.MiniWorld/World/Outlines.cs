namespace Vpo.MiniWorld;

/// <summary>Signed distances to the four shapes: below 0 inside, in pixels.</summary>
internal static class Outlines
{
    private const double SquareSide = 0.88, CrossArm = 0.36;

    /// <summary>How much of a pixel the shape covers, from 0 to 1.</summary>
    /// <param name="shape">Circle, square, triangle, cross.</param>
    /// <param name="x">Pixel centre, to the right of the shape's.</param>
    /// <param name="y">Pixel centre, below the shape's.</param>
    /// <param name="radius">Half the shape's extent.</param>
    public static double Coverage(int shape, double x, double y, double radius) => Math.Clamp(0.5 - Distance(shape, x, y, radius), 0, 1);

    private static double Distance(int shape, double x, double y, double r) => shape switch
    {
        0 => Math.Sqrt(x * x + y * y) - r,
        1 => Box(x, y, r * SquareSide, r * SquareSide),
        2 => Triangle(x, y, r),
        _ => Math.Min(Box(x, y, r, r * CrossArm), Box(x, y, r * CrossArm, r)),
    };

    private static double Box(double x, double y, double halfWidth, double halfHeight)
    {
        var (dx, dy) = (Math.Abs(x) - halfWidth, Math.Abs(y) - halfHeight);
        var outside = Math.Sqrt(Math.Pow(Math.Max(dx, 0), 2) + Math.Pow(Math.Max(dy, 0), 2));
        return outside + Math.Min(Math.Max(dx, dy), 0);
    }

    /// <summary>Point up: apex at (0, −r), base from (−r, 0.8r) to (r, 0.8r); the largest distance to its three sides.</summary>
    private static double Triangle(double x, double y, double r)
    {
        const double bottom = 0.8;
        var slope = Math.Sqrt(1 + (1 + bottom) * (1 + bottom));
        var side = ((1 + bottom) * Math.Abs(x) - (y + r)) / slope;
        return Math.Max(side, y - bottom * r);
    }
}
