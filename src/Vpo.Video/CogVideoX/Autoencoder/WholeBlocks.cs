using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Gives convolutions on the CPU a number of outputs that is a multiple of 16, since oneDNN is wrong with others.</summary>
/// <remarks>
/// oneDNN 3.7.1 (libtorch 2.10) lays channels out in blocks of 16. With a last block that is not full, bfloat16 results are wrong by up to a third of the
/// largest one and may change from call to call; and in backward, float32 too, the channels that fill the block stay as the memory was and are multiplied by
/// weights of 0, which gives NaN where it held one. Here the block is filled with outputs of zero weight, which are cut off again; it costs nothing that can
/// be measured, since oneDNN computes whole blocks anyway.
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
        if (missing == 0 || x.device.type != DeviceType.CPU)
            return convolve(x, weight, bias);
        using var scope = NewDisposeScope();
        return convolve(x, Filled(weight, missing), Filled(bias, missing)).narrow(1, 0, outputs).MoveToOuterDisposeScope();
    }

    private static Tensor Filled(Tensor values, long missing) =>
        cat([values, zeros([missing, .. values.shape[1..]], dtype: values.dtype, device: values.device)], 0);
}
