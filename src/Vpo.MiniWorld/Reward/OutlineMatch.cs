namespace Vpo.MiniWorld;

/// <summary>Finds which of the eight outlines (four shapes in two sizes) fits best.</summary>
internal static class OutlineMatch
{
    private const int Side = Renderer.Side;

    /// <summary>The triangle's centroid lies this share of its radius below its centre.</summary>
    private const double TriangleCentroid = 0.2;

    /// <summary>The best outline over at most three frames, with its mean overlap.</summary>
    public static (int Shape, int Size, double Overlap) Best(IReadOnlyList<SoftCover> covers)
    {
        var frames = new[] { 0, covers.Count / 2, covers.Count - 1 }.Distinct().Select(i => covers[i]).ToList();
        var best = (Shape: 0, Size: 0, Overlap: -1.0);
        for (var shape = 0; shape < Lexicon.Values(Aspect.Shape).Count; shape++)
            for (var size = 0; size < Renderer.Radii.Length; size++)
            {
                var overlap = frames.Average(frame => Overlap(frame, shape, Renderer.Radii[size]));
                if (overlap > best.Overlap)
                    best = (shape, size, overlap);
            }
        return best;
    }

    private static double Overlap(SoftCover cover, int shape, double radius)
    {
        var centreY = cover.Y - (shape == 2 ? TriangleCentroid * radius : 0);
        double both = 0, either = 0;
        for (var i = 0; i < cover.Cover.Length; i++)
        {
            var (x, y) = (i % Side + 0.5 - cover.X, i / Side + 0.5 - centreY);
            var near = Math.Abs(x) < radius + 1 && Math.Abs(y) < radius + 1;
            var outline = near ? Outlines.Coverage(shape, x, y, radius) : 0;
            both += Math.Min(outline, cover.Cover[i]);
            either += Math.Max(outline, cover.Cover[i]);
        }
        return either > 0 ? both / either : 0;
    }
}
