using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Keeps the gradient that a convolution gives its input free of what happened to be in memory.</summary>
/// <remarks>
/// In backward, oneDNN 3.7.1 (libtorch 2.10) lays the outputs' gradient out in blocks of 16 channels and leaves the channels that fill the last block
/// as the memory was. They are multiplied by weights of 0, which is harmless unless that memory held an infinity or a NaN: then whole groups of the
/// gradient become NaN. Here the blocks are filled with outputs of zero weight, which are cut off again. Forward has no such fault.
/// </remarks>
internal static class WholeBlocks
{
    private const long Block = 16;

    /// <param name="x">[B, C, ...].</param>
    /// <param name="weight">[outputs, C, ...].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="convolve">The convolution, given the input and the weight and bias to use.</param>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor bias, Func<Tensor, Tensor, Tensor, Tensor> convolve)
    {
        var outputs = weight.shape[0];
        var missing = (Block - outputs % Block) % Block;
        if (missing == 0 || !is_grad_enabled() || !x.requires_grad || x.device.type != DeviceType.CPU)
            return convolve(x, weight, bias);
        using var scope = NewDisposeScope();
        return convolve(x, Filled(weight, missing), Filled(bias, missing)).narrow(1, 0, outputs).MoveToOuterDisposeScope();
    }

    private static Tensor Filled(Tensor values, long missing) =>
        cat([values, zeros([missing, .. values.shape[1..]], dtype: values.dtype, device: values.device)], 0);
}
