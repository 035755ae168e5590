namespace Vpo.Rewards.Preprocessing;

/// <summary>Pillow's bicubic resizing of 8-bit images: a = −0.5, widened where it shrinks (so it never aliases), each of the two passes rounded to 8 bits in fixed point. CLIP was trained on pictures scaled so.</summary>
internal static class PillowResize
{
    private const double Sharpness = -0.5, Support = 2;
    private const int Bits = 32 - 8 - 2, Channels = 3;

    /// <summary>Resizes one RGB picture.</summary>
    /// <param name="source">height · width · 3 bytes.</param>
    /// <param name="from">Its height and width.</param>
    /// <param name="to">The height and width wanted.</param>
    public static byte[] Bicubic(ReadOnlySpan<byte> source, (int Height, int Width) from, (int Height, int Width) to)
    {
        var wide = from.Width == to.Width ? source.ToArray() : Across(source, from, to.Width);
        if (from.Height == to.Height)
            return wide;
        // A column pass is a row pass of the picture turned over.
        var turned = Turn(wide, from.Height, to.Width);
        return Turn(Across(turned, (to.Width, from.Height), to.Height), to.Width, to.Height);
    }

    private static byte[] Across(ReadOnlySpan<byte> source, (int Height, int Width) from, int width)
    {
        var result = new byte[from.Height * width * Channels];
        for (var x = 0; x < width; x++)
        {
            var (first, weights) = Weights(x, from.Width, width);
            for (var y = 0; y < from.Height; y++)
            {
                for (var c = 0; c < Channels; c++)
                {
                    var sum = 1 << (Bits - 1);
                    for (var k = 0; k < weights.Length; k++)
                        sum += source[(y * from.Width + first + k) * Channels + c] * weights[k];
                    result[(y * width + x) * Channels + c] = (byte)Math.Clamp(sum >> Bits, 0, 255);
                }
            }
        }
        return result;
    }

    private static (int First, int[] Weights) Weights(int x, int from, int to)
    {
        var scale = (double)from / to;
        var widening = Math.Max(scale, 1);
        var (centre, reach) = ((x + 0.5) * scale, Support * widening);
        var first = Math.Max((int)(centre - reach + 0.5), 0);
        var last = Math.Min((int)(centre + reach + 0.5), from);
        var weights = new double[last - first];
        for (var k = 0; k < weights.Length; k++)
            weights[k] = Cubic((k + first - centre + 0.5) / widening);
        var sum = weights.Sum();
        return (first, [.. weights.Select(w => (int)(w / sum * (1 << Bits) + (w < 0 ? -0.5 : 0.5)))]);
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? ((Sharpness + 2) * x - (Sharpness + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * Sharpness : 0;
    }

    private static byte[] Turn(ReadOnlySpan<byte> source, int height, int width)
    {
        var result = new byte[source.Length];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                source.Slice((y * width + x) * Channels, Channels).CopyTo(result.AsSpan((x * height + y) * Channels));
        }
        return result;
    }
}
