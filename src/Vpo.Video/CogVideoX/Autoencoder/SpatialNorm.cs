using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>A norm of [B, C, F, H, W] that may be steered by the latents.</summary>
internal abstract class VideoNorm(string name) : nn.Module(name)
{
    public abstract Tensor forward(Tensor x, Tensor? latents);

    /// <summary>silu of the norm.</summary>
    public virtual Tensor Activated(Tensor x, Tensor? latents) => Activate(forward(x, latents));

    /// <summary>The decoder's norms look at the latents, the encoder's do not.</summary>
    public static VideoNorm Create(Weights weights, AutoencoderConfig config, long channels, bool steered) =>
        steered ? new SpatialNorm(weights, config, channels) : new GroupNorm(weights, config, channels);

    /// <summary>silu of what a norm gave: in place unless gradients are recorded, since these are the largest tensors of all.</summary>
    private static Tensor Activate(Tensor normed) => is_grad_enabled() ? nn.functional.silu(normed) : nn.functional.silu(normed, inplace: true);
}

/// <summary>Group norm with weight and bias; its statistics span the whole chunk of frames.</summary>
internal sealed class GroupNorm : VideoNorm
{
    private readonly Parameter weight, bias;
    private readonly long _groups;
    private readonly double _epsilon;

    public GroupNorm(Weights weights, AutoencoderConfig config, long channels) : base(nameof(GroupNorm))
    {
        weight = weights.Take("weight", Initialization.Ones, channels);
        bias = weights.Take("bias", Initialization.Zeros, channels);
        (_groups, _epsilon) = (config.Groups, config.NormEpsilon);
        RegisterComponents();
    }

    /// <summary>Weight, bias, groups and epsilon.</summary>
    internal (Tensor Weight, Tensor Bias, long Groups, double Epsilon) Affine => (weight, bias, _groups, _epsilon);

    public override Tensor forward(Tensor x, Tensor? latents)
    {
        using var scope = NewDisposeScope();
        return nn.functional.group_norm(x, _groups, weight.to(x.dtype), bias.to(x.dtype), _epsilon).MoveToOuterDisposeScope();
    }
}

/// <summary>Group norm, scaled and shifted by what two 1x1x1 convolutions make of the latents at each place.</summary>
internal sealed class SpatialNorm : VideoNorm
{
    private readonly GroupNorm norm_layer;
    private readonly PointwiseBlock conv_y, conv_b;

    public SpatialNorm(Weights weights, AutoencoderConfig config, long channels) : base(nameof(SpatialNorm))
    {
        norm_layer = new(weights.At("norm_layer"), config, channels);
        conv_y = new(weights.At("conv_y"), config.LatentChannels, channels);
        conv_b = new(weights.At("conv_b"), config.LatentChannels, channels);
        RegisterComponents();
    }

    /// <summary>The convolutions run before the latents are enlarged, not after as in the reference: each output is one input's, so the numbers are the same for a fraction of the work.</summary>
    public override Tensor forward(Tensor x, Tensor? latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        using var scope = NewDisposeScope();
        var normed = norm_layer.forward(x, null);
        if (is_grad_enabled())
            return Enlarge(conv_b.forward(latents), x.shape).addcmul(normed, Enlarge(conv_y.forward(latents), x.shape), Scalars.One).MoveToOuterDisposeScope();
        using (NewDisposeScope())
            normed.mul_(Enlarge(conv_y.forward(latents), x.shape));
        return normed.PlusInPlace(Enlarge(conv_b.forward(latents), x.shape)).MoveToOuterDisposeScope();
    }

    public override Tensor Activated(Tensor x, Tensor? latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        if (!FusedSpatialNorm.Fits(x, latents))
            return base.Activated(x, latents);
        using var scope = NewDisposeScope();
        return FusedSpatialNorm.Apply(x, norm_layer.Affine, conv_y.forward(latents), conv_b.forward(latents)).MoveToOuterDisposeScope();
    }

    /// <summary>Nearest neighbour. With an odd number of frames the first latent frame is the first frame's own.</summary>
    private static Tensor Enlarge(Tensor small, long[] shape)
    {
        Tensor To(Tensor x, long frames) => x.shape.AsSpan(2).SequenceEqual([frames, shape[3], shape[4]])
            ? x
            : nn.functional.interpolate(x, [frames, shape[3], shape[4]], mode: InterpolationMode.Nearest);
        var frames = shape[2];
        if (frames == 1 || frames % 2 == 0)
            return To(small, frames);
        return cat([To(small.narrow(2, 0, 1), 1), To(small.narrow(2, 1, small.shape[2] - 1), frames - 1)], 2);
    }
}

/// <summary>A 1x1x1 convolution under the name that the checkpoint gives it.</summary>
internal sealed class PointwiseBlock : nn.Module<Tensor, Tensor>
{
    private readonly Convolution conv;

    public PointwiseBlock(Weights weights, long inputs, long outputs) : base(nameof(PointwiseBlock))
    {
        conv = new(weights.At("conv"), inputs, outputs, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => conv.forward(x);
}
