using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.Clip;

/// <summary>CLIP (Radford et al. 2021): texts and pictures in one space, where what belongs together points the same way. Names are those of Hugging Face's CLIPModel.</summary>
/// <remarks>Passes may run from several threads at once.</remarks>
public sealed class ClipModel : nn.Module
{
    private readonly Parameter logit_scale;
    private readonly ClipText text_model;
    private readonly ClipVision vision_model;
    private readonly Linear visual_projection, text_projection;

    /// <summary>Takes the parameters.</summary>
    public ClipModel(ClipConfig config, Weights weights) : base(nameof(ClipModel))
    {
        LibtorchLoader.EnsureLoaded();
        (Config, Device) = (config, weights.Device);
        logit_scale = weights.Take("logit_scale", new(StartOfScale, 0));
        text_model = new(config, weights.At("text_model"));
        vision_model = new(config, weights.At("vision_model"));
        visual_projection = new(weights.At("visual_projection"), config.Vision.Width, config.Projection, hasBias: false);
        text_projection = new(weights.At("text_projection"), config.Text.Width, config.Projection, hasBias: false);
        RegisterComponents();
    }

    // ln(1/0.07), as trained.
    private const double StartOfScale = 2.6592;

    /// <summary>Its numbers.</summary>
    public ClipConfig Config { get; }

    /// <summary>Where it lives.</summary>
    public Device Device { get; }

    /// <summary>What a cosine is multiplied with to give a logit: about 100 for the published models.</summary>
    public double Scale => Math.Exp(logit_scale.to(ScalarType.Float64).item<double>());

    /// <summary>The model that a checkpoint holds.</summary>
    /// <param name="config">Its numbers.</param>
    /// <param name="checkpoint">Its weights; may be disposed afterwards.</param>
    /// <param name="type">Type of the parameters; null keeps what is on disk.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static ClipModel Load(ClipConfig config, ICheckpoint checkpoint, ScalarType? type = null, Device? device = null) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new ClipModel(config, weights));

    /// <summary>Texts in the common space, not normalised.</summary>
    /// <param name="ids">int64 [B, T] with begin and end, from <see cref="ClipTokenizer"/>; what stands after the end does not matter.</param>
    /// <param name="visible">[B, T] with 0 where nothing may be seen; null for all.</param>
    /// <returns>[B, projection].</returns>
    public Tensor TextFeatures(Tensor ids, Tensor? visible = null)
    {
        using var scope = NewDisposeScope();
        return text_projection.forward(text_model.AtEnd(text_model.Hidden(ids, visible), ids)).MoveToOuterDisposeScope();
    }

    /// <summary>Pictures in the common space, not normalised.</summary>
    /// <param name="pixels">[B, 3, size, size], from <see cref="Preprocessing.ClipFrames"/>.</param>
    /// <returns>[B, projection].</returns>
    public Tensor ImageFeatures(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return visual_projection.forward(vision_model.AtClass(vision_model.Hidden(pixels))).MoveToOuterDisposeScope();
    }

    /// <summary>Each vector at length 1.</summary>
    public static Tensor Unit(Tensor features)
    {
        using var scope = NewDisposeScope();
        return features.div(features.norm(-1, keepdim: true)).MoveToOuterDisposeScope();
    }

    /// <summary>Scale times the cosine of every picture with every text.</summary>
    /// <param name="images">[B, projection].</param>
    /// <param name="texts">[N, projection].</param>
    /// <returns>[B, N].</returns>
    public Tensor Logits(Tensor images, Tensor texts)
    {
        using var scope = NewDisposeScope();
        return Unit(images).matmul(Unit(texts).t()).mul(logit_scale.exp()).MoveToOuterDisposeScope();
    }

    internal Tensor TextHidden(Tensor ids, Tensor? visible) => text_model.Hidden(ids, visible);

    internal Tensor VisionHidden(Tensor pixels) => vision_model.Hidden(pixels);
}
