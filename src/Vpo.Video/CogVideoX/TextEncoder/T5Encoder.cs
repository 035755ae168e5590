using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Native;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The encoder of T5 v1.1 (arXiv 1910.10683), CogVideoX's text encoder: token ids to a vector per token.</summary>
/// <remarks>CogVideoX gives it no mask: padding takes part, and its rows go to the transformer too.</remarks>
public sealed class T5Encoder : nn.Module<Tensor, Tensor>
{
    private readonly Embedding shared;
    private readonly T5Stack encoder;

    /// <summary>Takes the parameters; all of them start without gradient: call <see cref="Gradients.RequireGradients"/> to train.</summary>
    /// <param name="config">The numbers.</param>
    /// <param name="weights">A checkpoint, a random start, or shapes only.</param>
    /// <param name="compute">Type of the arithmetic; null: the type of the parameters.</param>
    public T5Encoder(T5Config config, Weights weights, ScalarType? compute = null) : base(nameof(T5Encoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        LibtorchLoader.EnsureLoaded();
        Config = config.Checked("text encoder config");
        shared = new(weights.At("shared"), config.VocabularySize, config.Width, Initialization.Normal(1));
        weights.Ignore("encoder.embed_tokens.weight");   // some exports write the table twice
        encoder = new(config, weights.At("encoder"));
        Compute = compute ?? shared.Weight.dtype;
        Device = weights.Device;
        RegisterComponents();
    }

    /// <summary>The numbers it was built from.</summary>
    public T5Config Config { get; }

    /// <summary>The type of the arithmetic and of the result.</summary>
    public ScalarType Compute { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>A model with T5's random start: same seed, same start.</summary>
    public static T5Encoder Initialize(T5Config config, long seed, ScalarType type = ScalarType.Float32, ScalarType? compute = null, Device? device = null) =>
        Weights.Initialize(seed, type, device ?? CPU, weights => new T5Encoder(config, weights, compute));

    /// <summary>The model that a checkpoint holds; <paramref name="type"/> null keeps the parameters as they are on disk.</summary>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static T5Encoder Load(T5Config config, ICheckpoint checkpoint, ScalarType? type = null, ScalarType? compute = null, Device? device = null) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new T5Encoder(config, weights, compute));

    /// <summary>The model of a folder "text_encoder": config.json and model.safetensors, whole or in shards.</summary>
    public static T5Encoder Open(string folder, ScalarType? type = null, ScalarType? compute = null, Device? device = null)
    {
        var config = T5Config.Open(Path.Combine(folder, "config.json"));
        using var checkpoint = CheckpointFolder.Open(folder);
        return Load(config, checkpoint, type, compute, device);
    }

    /// <param name="ids">int64 [B, L].</param>
    /// <returns>[B, L, Width] in <see cref="Compute"/>.</returns>
    public override Tensor forward(Tensor ids) => Encode(ids);

    /// <summary>The same, where some positions are hidden from all others.</summary>
    /// <param name="ids">int64 [B, L].</param>
    /// <param name="visible">[B, L] with 0 for hidden; null: all visible, as CogVideoX has it.</param>
    public Tensor Encode(Tensor ids, Tensor? visible = null) => Encode(ids, visible, null);

    internal Tensor Encode(Tensor ids, Tensor? visible, Action<string, Tensor>? listen)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dim() != 2)
            throw new ArgumentException($"ids must be [batch, length], they have {ids.dim()} dimensions.", nameof(ids));
        using var scope = NewDisposeScope();
        var bias = RelativePositions.Bias(encoder.Positions, Config, ids.shape[1], ids.device).to(Compute);
        listen?.Invoke("position_bias", bias);
        if (visible is not null)
            bias = bias.Plus(Hide(visible, Compute));
        return encoder.forward(shared.forward(ids).to(Compute), bias, listen).to(Compute).MoveToOuterDisposeScope();
    }

    private static Tensor Hide(Tensor visible, ScalarType type)
    {
        using var lowest = (type == ScalarType.Float16 ? -65504.0 : -3.38e38).ToScalar();
        var hidden = visible.view(visible.shape[0], 1, 1, -1).eq(Scalars.Zero);
        return zeros_like(hidden, dtype: type).masked_fill(hidden, lowest);
    }
}

/// <summary>The blocks and the last norm: what checkpoints keep under "encoder.".</summary>
internal sealed class T5Stack : nn.Module
{
    private readonly TorchSharp.Modules.ModuleList<T5Block> block;
    private readonly RmsNorm final_layer_norm;

    public T5Stack(T5Config config, Weights weights) : base(nameof(T5Stack))
    {
        block = new([.. Enumerable.Range(0, config.Layers).Select(i => new T5Block(config, i == 0, weights.At($"block.{i}")))]);
        final_layer_norm = new(weights.At("final_layer_norm"), config.Width, config.NormEpsilon);
        RegisterComponents();
    }

    public Embedding Positions => block[0].Positions!;

    public Tensor forward(Tensor x, Tensor bias, Action<string, Tensor>? listen)
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < block.Count; i++)
        {
            listen?.Invoke($"hidden{i}", x);
            x = block[i].forward(x, bias);
        }
        x = final_layer_norm.forward(x);
        listen?.Invoke($"hidden{block.Count}", x);
        return x.MoveToOuterDisposeScope();
    }
}
