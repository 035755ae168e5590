using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>3-D rotary positions: of each head, 1/4 turns with time, 3/8 with the row, 3/8 with the column. Float32.</summary>
/// <param name="Cos">[tokens, head size / 2].</param>
/// <param name="Sin">[tokens, head size / 2].</param>
internal sealed record RotaryPositions(Tensor Cos, Tensor Sin)
{
    private const float Base = 10000;

    public static RotaryPositions Create(TransformerConfig config, Grid grid, Device device)
    {
        using var scope = NewDisposeScope();
        var (time, row, column) = config.FramePatch is null ? Stretched(config, grid) : (Whole(grid.Frames), Whole(grid.Rows), Whole(grid.Columns));
        var (temporal, spatial) = (config.HeadDim / 4, config.HeadDim / 8 * 3);
        var angles = cat([
            Angles(time, temporal).view(-1, 1, 1, temporal / 2).expand(-1, grid.Rows, grid.Columns, -1),
            Angles(row, spatial).view(1, -1, 1, spatial / 2).expand(grid.Frames, -1, grid.Columns, -1),
            Angles(column, spatial).view(1, 1, -1, spatial / 2).expand(grid.Frames, grid.Rows, -1, -1)], -1).view(grid.Tokens, -1);
        return new(angles.cos().to(device).MoveToOuterDisposeScope(), angles.sin().to(device).MoveToOuterDisposeScope());
    }

    /// <summary>Turns neighbouring pairs of each head of the tokens after the text: (a, b) to (a cos − b sin, b cos + a sin).</summary>
    /// <param name="heads">[B, heads, text + video, head size].</param>
    /// <param name="textLength">Tokens in front that stay as they are.</param>
    public Tensor Turn(Tensor heads, long textLength)
    {
        using var scope = NewDisposeScope();
        var video = heads[.., .., (int)textLength..].to(ScalarType.Float32);
        var pairs = video.unflatten(3, [-1, 2]);
        var (a, b) = (pairs.select(-1, 0), pairs.select(-1, 1));
        var turned = stack([a.mul(Cos).Minus(b.mul(Sin)), b.mul(Cos).Plus(a.mul(Sin))], -1).flatten(3);
        return cat([heads[.., .., ..(int)textLength], turned.to(heads.dtype)], 2).MoveToOuterDisposeScope();
    }

    private static Tensor Whole(long count) => Scalars.Range(0, count, ScalarType.Float32);

    /// <summary>1.0 models: the grid is laid over the largest region of the trained size that has its proportions.</summary>
    private static (Tensor Time, Tensor Row, Tensor Column) Stretched(TransformerConfig config, Grid grid)
    {
        var (baseRows, baseColumns) = (config.SampleHeight / config.Patch, config.SampleWidth / config.Patch);
        var (rows, columns) = (baseRows, baseColumns);
        if ((double)grid.Rows / grid.Columns > (double)baseRows / baseColumns)
            columns = (long)Math.Round((double)baseRows / grid.Rows * grid.Columns);
        else
            rows = (long)Math.Round((double)baseColumns / grid.Columns * grid.Rows);
        var top = (long)Math.Round((baseRows - rows) / 2.0);
        var left = (long)Math.Round((baseColumns - columns) / 2.0);
        return (Spaced(0, grid.Frames, grid.Frames), Spaced(top, rows, grid.Rows), Spaced(left, columns, grid.Columns));
    }

    /// <summary>start, ..., start + extent, without the end: <paramref name="count"/> positions. As the reference: the last one is (start + extent)·(count − 1)/count.</summary>
    private static Tensor Spaced(long start, long extent, long count) =>
        linspace(start, (start + extent) * (count - 1.0) / count, count, dtype: ScalarType.Float32);

    private static Tensor Angles(Tensor positions, long width)
    {
        var frequencies = Enumerable.Range(0, (int)(width / 2)).Select(j => 1 / MathF.Pow(Base, 2f * j / width)).ToArray();
        return outer(positions, tensor(frequencies));
    }
}
