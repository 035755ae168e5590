using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>What all layers of one pass share: rotary angles, who sees whom, and the cache.</summary>
/// <param name="Cos">[B or 1, 1, T, headDim/2].</param>
/// <param name="Sin">The same shape.</param>
/// <param name="Mask">Added to scores, [B or 1, 1, T, S]; null when the causal rule alone decides.</param>
/// <param name="Materialise">Whether to build the score matrix instead of calling the flash kernel.</param>
/// <param name="Cache">Earlier keys and values; null without.</param>
internal sealed record AttentionContext(Tensor Cos, Tensor Sin, Tensor? Mask, bool Materialise, KvCache? Cache)
{
    // Finite, so that a query that may see nothing (left padding) gives some number and never NaN.
    private const double Hidden = -1e30;

    // With gradients the score matrix is faster than the flash kernel up to about this length: in bfloat16 2.4 times at 512 tokens, and quadratic from there.
    private const long ShortEnough = 512;

    /// <param name="rotary">Gives cos and sin.</param>
    /// <param name="positions">[B or 1, T], int64.</param>
    /// <param name="visible">[B, S]: 0 hides a key from everybody; null hides none.</param>
    /// <param name="cache">S = its length + T.</param>
    /// <param name="type">Type of the arithmetic.</param>
    public static AttentionContext Create(Rotary rotary, Tensor positions, Tensor? visible, KvCache? cache, ScalarType type)
    {
        var (length, past) = (positions.shape[1], cache?.Length ?? 0);
        var (cos, sin) = rotary.At(positions, type);
        var materialise = length > 1 && past == 0 && length <= ShortEnough && is_grad_enabled() && !is_inference_mode_enabled();
        var needed = visible is not null || materialise || (past > 0 && length > 1);
        return new(cos, sin, needed ? MaskFor(visible, length, past, type, positions.device) : null, materialise, cache);
    }

    private static Tensor MaskFor(Tensor? visible, long length, long past, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        var total = past + length;
        var hidden = visible?.eq(Scalars.Zero).view(-1, 1, 1, total);
        if (length > 1)
        {
            var ahead = ones(length, total, dtype: ScalarType.Bool, device: device).triu(past + 1).view(1, 1, length, total);
            hidden = hidden?.logical_or(ahead) ?? ahead;
        }
        return hidden!.to(type).TimesInPlace(Hidden).MoveToOuterDisposeScope();
    }
}
