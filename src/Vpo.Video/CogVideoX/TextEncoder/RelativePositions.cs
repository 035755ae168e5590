using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>T5's positions: a learned number per head for each bucket of distances, added to the attention scores.</summary>
internal static class RelativePositions
{
    /// <returns>[1, heads, length, length], query by key.</returns>
    public static Tensor Bias(Embedding table, T5Config config, long length, Device device)
    {
        using var scope = NewDisposeScope();
        var buckets = new long[length * length];
        for (var query = 0; query < length; query++)
        {
            for (var key = 0; key < length; key++)
                buckets[query * length + key] = Bucket(key - query, config);
        }
        var rows = table.forward(tensor(buckets, device: device).view(length, length));
        return rows.permute(2, 0, 1).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Half of the buckets for each direction; of each half, one per distance first, then logarithmically wider ones. The logarithm is float32, as in the reference.</summary>
    internal static long Bucket(int distance, T5Config config)
    {
        var half = config.Buckets / 2;
        var (exact, offset, far) = (half / 2, distance > 0 ? half : 0, Math.Abs(distance));
        if (far < exact)
            return offset + far;
        var wide = MathF.Log(far / (float)exact) / (float)Math.Log((double)config.MaxDistance / exact) * (half - exact);
        return offset + Math.Min(half - 1, exact + (long)wide);
    }
}
