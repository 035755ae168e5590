using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Coding a large video in overlapping tiles, to bound memory. The result differs from the untiled one: norms see one tile.</summary>
/// <param name="Height">Pixels down of a tile.</param>
/// <param name="Width">Pixels across.</param>
/// <param name="OverlapHeight">Share of a tile that overlaps the next one below, 0 to below 1.</param>
/// <param name="OverlapWidth">Share that overlaps the next one on the right.</param>
public sealed record Tiling(int Height, int Width, double OverlapHeight = 1.0 / 6, double OverlapWidth = 1.0 / 5)
{
    /// <summary>The tiles that diffusers takes when none are named: half of the size the model was trained for.</summary>
    public static Tiling Default(AutoencoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new(config.SampleHeight / 2, config.SampleWidth / 2);
    }

    /// <summary>Latent pixels of a tile.</summary>
    internal (int Height, int Width) Latent(AutoencoderConfig config) => (Height / config.PixelsPerLatent, Width / config.PixelsPerLatent);

    /// <summary>Codes tile by tile and blends.</summary>
    /// <param name="x">[B, C, F, h, w]: latents to decode or pixels to encode.</param>
    /// <param name="config">The autoencoder's.</param>
    /// <param name="decodes">Which of the two.</param>
    /// <param name="code">Codes one tile; frame-wise, with a memory of its own.</param>
    internal Tensor Apply(Tensor x, AutoencoderConfig config, bool decodes, Func<Tensor, Tensor> code)
    {
        using var scope = NewDisposeScope();
        var (down, across) = Axes(config, decodes);
        var rows = new List<Tensor[]>();
        for (long top = 0; top < x.shape[3]; top += down.Stride)
            rows.Add([.. Starts(x.shape[4], across.Stride).Select(left => code(Cut(Cut(x, 3, top, down.Tile), 4, left, across.Tile)))]);
        var bands = new List<Tensor>();
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
            {
                if (i > 0)
                    Blend(rows[i - 1][j], rows[i][j], 3, down.Blend);
                if (j > 0)
                    Blend(rows[i][j - 1], rows[i][j], 4, across.Blend);
            }
            bands.Add(cat(rows[i].Select(tile => Cut(Cut(tile, 3, 0, down.Kept), 4, 0, across.Kept)).ToArray(), 4));
        }
        return cat(bands.ToArray(), 3).MoveToOuterDisposeScope();
    }

    /// <summary>Along one axis, in elements of the input (Tile, Stride) and of the result (Blend, Kept).</summary>
    private readonly record struct Axis(int Tile, int Stride, int Blend, int Kept);

    private (Axis Down, Axis Across) Axes(AutoencoderConfig config, bool decodes)
    {
        Axis Of(int pixels, double overlap, string name)
        {
            var latent = pixels / config.PixelsPerLatent;
            var (from, to) = decodes ? (latent, pixels) : (pixels, latent);
            var (stride, blend) = ((int)(from * (1 - overlap)), (int)(to * overlap));
            var axis = new Axis(from, stride, blend, to - blend);
            var fits = stride > 0 && (decodes ? stride * config.PixelsPerLatent == axis.Kept : stride == axis.Kept * config.PixelsPerLatent);
            return fits ? axis : throw new ArgumentException(
                $"tiles {pixels} pixels {name} with an overlap of {overlap:g4} do not meet: a step of {stride} {(decodes ? "latents" : "pixels")} would have to give {axis.Kept} {(decodes ? "pixels" : "latents")} at {config.PixelsPerLatent} pixels per latent. "
                + $"Take an overlap that is a whole number of latents, as {1.0 / Math.Max(latent, 2):g4} is.");
        }
        return (Of(Height, OverlapHeight, "high"), Of(Width, OverlapWidth, "wide"));
    }

    private static IEnumerable<long> Starts(long size, int stride)
    {
        for (long start = 0; start < size; start += stride)
            yield return start;
    }

    private static Tensor Cut(Tensor x, int axis, long start, long length) => x.narrow(axis, start, Math.Min(length, x.shape[axis] - start));

    /// <summary>Fades the first elements of a tile from the last ones of its neighbour, in place: later tiles see blended ones.</summary>
    private static void Blend(Tensor before, Tensor tile, int axis, int extent)
    {
        using var scope = NewDisposeScope();
        var count = Math.Min(Math.Min(before.shape[axis], tile.shape[axis]), extent);
        if (count == 0)
            return;
        long[] shape = [1, 1, 1, 1, 1];
        shape[axis] = count;
        var fade = Scalars.Range(0, count, ScalarType.Float64).Times(1.0 / count).to(tile.dtype, tile.device).view(shape);
        var (old, young) = (before.narrow(axis, before.shape[axis] - count, count), tile.narrow(axis, 0, count));
        young.copy_(old.mul(fade.neg().Plus(1)).Plus(young.mul(fade)));
    }
}
