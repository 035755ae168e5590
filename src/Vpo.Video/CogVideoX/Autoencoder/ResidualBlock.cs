using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>x + conv(silu(norm(conv(silu(norm x))))), the first x through a 1x1x1 convolution where the width changes.</summary>
internal sealed class ResidualBlock : nn.Module
{
    private readonly VideoNorm norm1, norm2;
    private readonly CausalConvolution conv1, conv2;
    private readonly Convolution? conv_shortcut;

    public ResidualBlock(Weights weights, AutoencoderConfig config, long inputs, long outputs, bool steered) : base(nameof(ResidualBlock))
    {
        norm1 = VideoNorm.Create(weights.At("norm1"), config, inputs, steered);
        norm2 = VideoNorm.Create(weights.At("norm2"), config, outputs, steered);
        conv1 = new(weights.At("conv1"), inputs, outputs);
        conv2 = new(weights.At("conv2"), outputs, outputs);
        conv_shortcut = inputs == outputs ? null : new(weights.At("conv_shortcut"), inputs, outputs, 1);
        RegisterComponents();
    }

    public Tensor forward(Tensor x, Tensor? latents, ChunkMemory? memory)
    {
        using var scope = NewDisposeScope();
        var inner = Half(x, norm1, conv1, latents, memory);
        var change = Half(inner, norm2, conv2, latents, memory);
        return (conv_shortcut?.forward(x) ?? x).Plus(change).MoveToOuterDisposeScope();
    }

    private static Tensor Half(Tensor x, VideoNorm norm, CausalConvolution conv, Tensor? latents, ChunkMemory? memory)
    {
        using var scope = NewDisposeScope();
        return conv.forward(norm.Activated(x, latents), memory).MoveToOuterDisposeScope();
    }
}
