using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Weight and bias of a 3-D convolution, without padding in time.</summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight, bias;
    private readonly long _border;

    public Convolution(Weights weights, long inputs, long outputs, long kernel) : base(nameof(Convolution))
    {
        weight = weights.Take("weight", Initialization.FanIn(inputs * kernel * kernel * kernel), outputs, inputs, kernel, kernel, kernel);
        bias = weights.Take("bias", Initialization.Zeros, outputs);
        _border = kernel / 2;
        RegisterComponents();
    }

    /// <param name="x">[B, C, F, H, W]; the result has kernel − 1 frames less.</param>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return WholeBlocks.Apply(x, weight.to(x.dtype), bias.to(x.dtype), (x, w, b) => Conv3d.Apply(x, w, b, _border)).MoveToOuterDisposeScope();
    }
}

/// <summary>A 2-D convolution with kernel 3 applied to every frame.</summary>
internal sealed class FrameConvolution : nn.Module
{
    private readonly Parameter weight, bias;
    private readonly long _stride, _border;

    public FrameConvolution(Weights weights, long channels, long stride, long border) : base(nameof(FrameConvolution))
    {
        weight = weights.Take("weight", Initialization.FanIn(channels * 9), channels, channels, 3, 3);
        bias = weights.Take("bias", Initialization.Zeros, channels);
        (_stride, _border) = (stride, border);
        RegisterComponents();
    }

    /// <summary>Frames are folded into the batch, where the convolution is several times faster than one with kernel (1, 3, 3).</summary>
    public Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var frames = x.transpose(1, 2).flatten(0, 1);
        var y = WholeBlocks.Apply(frames, weight.to(x.dtype), bias.to(x.dtype),
            (x, w, b) => nn.functional.conv2d(x, w, b, strides: [_stride, _stride], padding: [_border, _border]));
        return y.unflatten(0, [x.shape[0], x.shape[2]]).transpose(1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>A convolution with kernel 3 that looks back in time only: two frames are put in front, the last ones of the chunk before or copies of the first.</summary>
internal sealed class CausalConvolution : nn.Module
{
    public const long Kernel = 3;
    private const long Past = Kernel - 1;
    private readonly Convolution conv;

    public CausalConvolution(Weights weights, long inputs, long outputs) : base(nameof(CausalConvolution))
    {
        conv = new(weights.At("conv"), inputs, outputs, Kernel);
        RegisterComponents();
    }

    /// <param name="x">[B, C, F, H, W].</param>
    /// <param name="memory">Frames of the chunk before; gets those of this one. Null when there is one chunk only.</param>
    public Tensor forward(Tensor x, ChunkMemory? memory)
    {
        using var scope = NewDisposeScope();
        var past = memory?.Find(this) ?? x.narrow(2, 0, 1).expand(-1, -1, Past, -1, -1);
        var joined = cat([past, x], 2);
        memory?.Keep(this, joined.narrow(2, joined.shape[2] - Past, Past));
        return conv.forward(joined).MoveToOuterDisposeScope();
    }
}
