namespace Vpo.MiniWorld;

/// <summary>The object in one frame: the largest connected area off the background.</summary>
internal sealed class FrameMask
{
    private const int Side = Renderer.Side;
    private const double OffBackground = 42;

    private readonly int[] _labels = new int[Side * Side];

    private FrameMask() { }

    /// <summary>Pixels of the object.</summary>
    public int Area { get; private set; }

    /// <summary>Pixels off the background that belong to something else.</summary>
    public int Others { get; private set; }

    private int Label { get; set; }

    public static FrameMask Of(ReadOnlySpan<byte> frame, int place)
    {
        var mask = new FrameMask();
        for (var i = 0; i < mask._labels.Length; i++)
            mask._labels[i] = Distance(frame.Slice(i * 3, 3), Palette.Background(place, i / Side)) > OffBackground ? -1 : 0;
        var total = 0;
        for (var (i, label) = (0, 1); i < mask._labels.Length; i++)
        {
            if (mask._labels[i] != -1)
                continue;
            var area = mask.Flood(i, label);
            total += area;
            if (area > mask.Area)
                (mask.Area, mask.Label) = (area, label);
            label++;
        }
        mask.Others = total - mask.Area;
        return mask;
    }

    /// <summary>Whether a pixel is the object's; false outside the frame.</summary>
    public bool Has(int x, int y) => Area > 0 && x is >= 0 and < Side && y is >= 0 and < Side && _labels[y * Side + x] == Label;

    /// <summary>Whether a pixel and its four neighbours are the object's: away from the smooth edge.</summary>
    public bool IsCore(int x, int y) => Has(x, y) && Has(x - 1, y) && Has(x + 1, y) && Has(x, y - 1) && Has(x, y + 1);

    /// <summary>Whether the pixel or one of its eight neighbours is the object's.</summary>
    public bool IsNear(int x, int y)
    {
        for (var dy = -1; dy <= 1; dy++)
            for (var dx = -1; dx <= 1; dx++)
                if (Has(x + dx, y + dy))
                    return true;
        return false;
    }

    public static double Distance(ReadOnlySpan<byte> pixel, ReadOnlySpan<double> colour)
    {
        var (r, g, b) = (pixel[0] - colour[0], pixel[1] - colour[1], pixel[2] - colour[2]);
        return Math.Sqrt(r * r + g * g + b * b);
    }

    private int Flood(int start, int label)
    {
        var area = 0;
        var open = new Stack<int>();
        open.Push(start);
        _labels[start] = label;
        while (open.TryPop(out var at))
        {
            area++;
            var (x, y) = (at % Side, at / Side);
            foreach (var (nx, ny) in new[] { (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1) })
                if (nx is >= 0 and < Side && ny is >= 0 and < Side && _labels[ny * Side + nx] == -1)
                {
                    _labels[ny * Side + nx] = label;
                    open.Push(ny * Side + nx);
                }
        }
        return area;
    }
}
