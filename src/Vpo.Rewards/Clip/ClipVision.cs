using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Embedding = Vpo.Models.Layers.Embedding;
using LayerNorm = Vpo.Models.Layers.LayerNorm;

namespace Vpo.Rewards.Clip;

/// <summary>A convolution without bias that turns each patch into a vector.</summary>
internal sealed class ClipPatches : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly long _patch;

    public ClipPatches(ClipConfig config, Weights weights) : base(nameof(ClipPatches))
    {
        _patch = config.PatchSize;
        weight = weights.Take("weight", Initialization.Normal(), config.Vision.Width, 3, _patch, _patch);
        RegisterComponents();
    }

    /// <param name="pixels">[B, 3, size, size].</param>
    /// <returns>[B, patches, width], row by row.</returns>
    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return nn.functional.conv2d(pixels.to(weight.dtype), weight, strides: [_patch, _patch]).flatten(2).transpose(1, 2).MoveToOuterDisposeScope();
    }
}

/// <summary>A class token, then the patches, each with its place.</summary>
internal sealed class ClipVisionEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Parameter class_embedding;
    private readonly ClipPatches patch_embedding;
    private readonly Embedding position_embedding;

    public ClipVisionEmbeddings(ClipConfig config, Weights weights) : base(nameof(ClipVisionEmbeddings))
    {
        var side = config.ImageSize / config.PatchSize;
        class_embedding = weights.Take("class_embedding", Initialization.Normal(), config.Vision.Width);
        patch_embedding = new(config, weights.At("patch_embedding"));
        position_embedding = new(weights.At("position_embedding"), side * side + 1, config.Vision.Width);
        weights.Ignore("position_ids");
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var first = class_embedding.expand(pixels.shape[0], 1, -1);
        return cat([first, patch_embedding.forward(pixels)], 1).Plus(position_embedding.Weight).MoveToOuterDisposeScope();
    }
}

/// <summary>The picture tower: read out at the class token.</summary>
internal sealed class ClipVision : nn.Module
{
    private readonly ClipVisionEmbeddings embeddings;
    private readonly LayerNorm pre_layrnorm, post_layernorm;   // the first is misspelt so in every checkpoint
    private readonly ClipEncoder encoder;

    public ClipVision(ClipConfig config, Weights weights) : base(nameof(ClipVision))
    {
        embeddings = new(config, weights.At("embeddings"));
        pre_layrnorm = new(weights.At("pre_layrnorm"), config.Vision.Width, config.Vision.Epsilon);
        encoder = new(config.Vision, weights.At("encoder"));
        post_layernorm = new(weights.At("post_layernorm"), config.Vision.Width, config.Vision.Epsilon);
        RegisterComponents();
    }

    /// <summary>Hidden states of the class token and all patches, [B, 1 + patches, width].</summary>
    public Tensor Hidden(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return encoder.forward(pre_layrnorm.forward(embeddings.forward(pixels)), null).MoveToOuterDisposeScope();
    }

    /// <summary>The class token after the last norm, [B, width].</summary>
    public Tensor AtClass(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return post_layernorm.forward(hidden.select(1, 0)).MoveToOuterDisposeScope();
    }
}
