using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The fixed position table of CogVideoX-2B: each row is [time D/4 | column 3D/8 | row 3D/8], each part [sines, cosines].</summary>
internal static class SincosPositions
{
    private const double Base = 10000;

    /// <returns>[1, tokens, D] in the given type, rounded once from float64.</returns>
    public static Tensor Create(TransformerConfig config, Grid grid, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var (spatial, temporal) = (config.Width * 3 / 8, config.Width / 4);
        Tensor Axis(long count, double scale, long width) => Table(count, scale, width).to(type, device);
        var time = Axis(grid.Frames, config.TemporalScale, temporal).view(-1, 1, 1, temporal).expand(-1, grid.Rows, grid.Columns, -1);
        var column = Axis(grid.Columns, config.SpatialScale, spatial).view(1, 1, -1, spatial).expand(grid.Frames, grid.Rows, -1, -1);
        var row = Axis(grid.Rows, config.SpatialScale, spatial).view(1, -1, 1, spatial).expand(grid.Frames, -1, grid.Columns, -1);
        return cat([time, column, row], -1).view(1, grid.Tokens, config.Width).MoveToOuterDisposeScope();
    }

    /// <summary>[count, width]: sin and cos of position / scale · 10000^(−2k/width). The quotient is float32, as in the reference; the rest float64.</summary>
    private static Tensor Table(long count, double scale, long width)
    {
        var half = width / 2;
        var table = new double[count, width];
        for (var i = 0; i < count; i++)
        {
            for (var k = 0; k < half; k++)
            {
                var angle = (float)(i / (float)scale) * Math.Pow(Base, -k / (double)half);
                (table[i, k], table[i, k + half]) = Math.SinCos(angle);
            }
        }
        return tensor(table);
    }
}
