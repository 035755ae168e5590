using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The denoiser of CogVideoX (arXiv 2408.06072): predicts the velocity of noisy latents, given a text. All published variants are settings of its config.</summary>
/// <remarks>Forward passes may run from several threads at once. The module's <c>to()</c> must not be used: choose type and device when loading.</remarks>
public sealed class CogVideoXTransformer : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>The value of "ofs" that the published 1.5 image-to-video model is run with.</summary>
    private const double PublishedOfs = 2;

    private readonly PatchEmbedding patch_embed;
    private readonly TimestepEmbedding time_embedding;
    private readonly TimestepEmbedding? ofs_embedding;
    private readonly TorchSharp.Modules.ModuleList<TransformerBlock> transformer_blocks;
    private readonly LayerNorm norm_final;
    private readonly FinalLayerNorm norm_out;
    private readonly Linear proj_out;

    /// <summary>Takes the parameters; all of them start without gradient: call <see cref="Gradients.RequireGradients"/> to train.</summary>
    /// <param name="config">The numbers.</param>
    /// <param name="weights">A checkpoint, a random start, or shapes only.</param>
    /// <param name="compute">Type of the arithmetic; null: the type of the parameters. Float32 parameters with bfloat16 arithmetic train well.</param>
    public CogVideoXTransformer(TransformerConfig config, Weights weights, ScalarType? compute = null) : base(nameof(CogVideoXTransformer))
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        LibtorchLoader.EnsureLoaded();
        Config = config.Checked("transformer config");
        patch_embed = new(config, weights.At("patch_embed"));
        time_embedding = new(config, config.Width, weights.At("time_embedding"));
        ofs_embedding = config.OfsWidth is { } ofs ? new(config, ofs, weights.At("ofs_embedding")) : null;
        transformer_blocks = new([.. Enumerable.Range(0, config.Layers).Select(i => new TransformerBlock(config, weights.At($"transformer_blocks.{i}")))]);
        norm_final = new(weights.At("norm_final"), config.Width, config.NormEpsilon);
        norm_out = new(config, weights.At("norm_out"));
        proj_out = new(weights.At("proj_out"), config.Width, config.OutChannels * config.Patch * config.Patch * (config.FramePatch ?? 1));
        Compute = compute ?? proj_out.Weight.dtype;
        Device = weights.Device;
        RegisterComponents();
    }

    /// <summary>The numbers it was built from.</summary>
    public TransformerConfig Config { get; }

    /// <summary>The type of the arithmetic and of the result.</summary>
    public ScalarType Compute { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>The adapter that changes it; null without one.</summary>
    internal CogVideoXLora? Adapter { get; set; }

    /// <summary>A model with a random start: same seed, same start.</summary>
    public static CogVideoXTransformer Initialize(TransformerConfig config, long seed, ScalarType type = ScalarType.Float32, ScalarType? compute = null, Device? device = null) =>
        Weights.Initialize(seed, type, device ?? CPU, weights => new CogVideoXTransformer(config, weights, compute));

    /// <summary>The model that a checkpoint holds; <paramref name="type"/> null keeps the parameters as they are on disk.</summary>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static CogVideoXTransformer Load(TransformerConfig config, ICheckpoint checkpoint, ScalarType? type = null, ScalarType? compute = null, Device? device = null) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new CogVideoXTransformer(config, weights, compute));

    /// <summary>The model of a diffusers folder "transformer": config.json and diffusion_pytorch_model.safetensors, whole or in shards.</summary>
    public static CogVideoXTransformer Open(string folder, ScalarType? type = null, ScalarType? compute = null, Device? device = null)
    {
        var config = TransformerConfig.Open(Path.Combine(folder, "config.json"));
        using var checkpoint = CheckpointFolder.Open(folder, "diffusion_pytorch_model");
        return Load(config, checkpoint, type, compute, device);
    }

    /// <summary>A second model with its own parameters: a frozen reference, or a bfloat16 copy to sample from.</summary>
    public CogVideoXTransformer Copy(ScalarType? type = null, ScalarType? compute = null, Device? device = null)
    {
        using var checkpoint = new ModuleCheckpoint(this);
        return Load(Config, checkpoint, type, compute, device ?? Device);
    }

    /// <summary>Writes a diffusers folder: the weights in their own type, with the config.json of the folder that the model was opened from.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="source">Holds config.json.</param>
    public void Save(string folder, string source)
    {
        if (Adapter is not null)
            throw new InvalidOperationException("the transformer has an adapter: save the adapter, or dispose it first.");
        Vpo.Storage.AtomicFile.Write(Path.Combine(folder, "config.json"), stream => stream.Write(File.ReadAllBytes(Path.Combine(source, "config.json"))));
        SafetensorsWriter.Write(Path.Combine(folder, "diffusion_pytorch_model.safetensors"),
            named_parameters().Select(p => KeyValuePair.Create(p.name, (Tensor)p.parameter)), new Dictionary<string, string> { ["format"] = "pt" });
    }

    /// <summary>Predicts the velocity.</summary>
    /// <param name="latents">Noisy latents [B, F, C, h, w], with the image condition behind the channels where the model takes one.</param>
    /// <param name="timesteps">[B], 0 to 999.</param>
    /// <param name="text">Output of the text encoder, [B, T, TextWidth]; T at most MaxTextLength.</param>
    /// <returns>[B, F, OutChannels, h, w] in <see cref="Compute"/>.</returns>
    /// <exception cref="ArgumentException">A shape that the model can't take; the message says which would do.</exception>
    public override Tensor forward(Tensor latents, Tensor timesteps, Tensor text) => Predict(latents, timesteps, text);

    /// <summary>The same with a value for the "ofs" condition of 1.5 image-to-video ([1] or [B]; null: 2, as published), and a listener that hears of inner results by name.</summary>
    internal Tensor Predict(Tensor latents, Tensor timesteps, Tensor text, Tensor? ofs = null, Action<string, Tensor>? listen = null) =>
        Predict((latents, timesteps, text), ofs, listen, null);

    /// <summary>The first block alone, to be timed; returns the video tokens.</summary>
    internal Tensor RunBlock(Tensor words, Tensor video, Tensor condition)
    {
        using var scope = NewDisposeScope();
        return transformer_blocks[0].forward(words, video, nn.functional.silu(condition), null).Video.MoveToOuterDisposeScope();
    }

    /// <summary>The same, where most of the work is left out if the cache finds that little has changed since the step before.</summary>
    internal Tensor Predict((Tensor Latents, Tensor Timesteps, Tensor Text) given, Tensor? ofs, Action<string, Tensor>? listen, StepCache? cache)
    {
        using var scope = NewDisposeScope();
        var grid = Grid.Of(given.Latents, Config);
        CheckText(given.Text);
        var rotary = Config.Rotary ? RotaryPositions.Create(Config, grid, given.Latents.device) : null;
        var embedded = Embedded(given.Timesteps, ofs, listen);
        var condition = nn.functional.silu(embedded);
        var tokens = patch_embed.forward(given.Latents.to(Compute), given.Text.to(Compute), grid);
        listen?.Invoke("patch_embed", tokens);
        var parts = tokens.split([given.Text.shape[1], grid.Tokens], 1);
        (Tensor, Tensor) Through(Range range, Tensor words, Tensor video) => Blocks(range, (words, video), (condition, rotary), listen);
        var (_, video) = cache is null ? Through(.., parts[0], parts[1]) : cache.Run((parts[0], parts[1]), embedded, Through);
        video = norm_final.forward(video);
        listen?.Invoke("norm_final", video);
        video = norm_out.forward(video, condition);
        listen?.Invoke("norm_out", video);
        return grid.Join(proj_out.forward(video), Config.OutChannels).MoveToOuterDisposeScope();
    }

    /// <summary>Some of the blocks; what goes in is left to the caller, what is made in between is freed.</summary>
    private (Tensor Words, Tensor Video) Blocks(Range range, (Tensor Words, Tensor Video) given, (Tensor Condition, RotaryPositions? Rotary) shared, Action<string, Tensor>? listen)
    {
        var (first, count) = range.GetOffsetAndLength(Config.Layers);
        var (words, video) = given;
        for (var i = first; i < first + count; i++)
        {
            var old = (words, video);
            (words, video) = transformer_blocks[i].forward(words, video, shared.Condition, shared.Rotary);
            if (i > first)
            {
                old.words.Dispose();
                old.video.Dispose();
            }
            listen?.Invoke($"block{i}.encoder", words);
            listen?.Invoke($"block{i}.hidden", video);
        }
        return (words, video);
    }

    private Tensor Embedded(Tensor timesteps, Tensor? ofs, Action<string, Tensor>? listen)
    {
        var embedded = time_embedding.forward(timesteps, Compute);
        if (ofs_embedding is not null)
        {
            var added = ofs_embedding.forward(ofs ?? tensor([PublishedOfs], device: timesteps.device), Compute);
            listen?.Invoke("ofs_embedding", added);
            embedded = Vpo.Models.Tensors.Scalars.Plus(embedded, added);
        }
        listen?.Invoke("temb", embedded);
        return embedded;
    }

    private void CheckText(Tensor text)
    {
        long[] shape = text.shape;
        var exact = Config.LearnedPositions;
        if (shape.Length != 3 || shape[2] != Config.TextWidth || shape[1] > Config.MaxTextLength || (exact && shape[1] != Config.MaxTextLength))
            throw new ArgumentException($"text must be [batch, {(exact ? "" : "at most ")}{Config.MaxTextLength}, {Config.TextWidth}], it is [{string.Join(", ", shape)}].", nameof(text));
    }
}
