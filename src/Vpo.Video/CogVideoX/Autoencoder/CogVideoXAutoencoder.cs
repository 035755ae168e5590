using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Native;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The causal 3-D autoencoder of CogVideoX: video [B, 3, F, H, W] in −1 .. 1 to latents [B, C, F', h, w] and back.</summary>
/// <remarks>
/// Works through a few frames at a time, with a memory of the frames before, so its memory does not grow with the length of a video.
/// The chunks are part of the result, since norms span one: 2 latent frames (3 in the first chunk of an odd number), 8 video frames (9).
/// </remarks>
public sealed class CogVideoXAutoencoder : nn.Module
{
    private const int LatentChunk = 2, FrameChunk = 8;

    private readonly Encoder encoder;
    private readonly Decoder decoder;
    private readonly Convolution? quant_conv, post_quant_conv;

    /// <summary>Takes the parameters; all of them start without gradient: call <see cref="Gradients.RequireGradients"/> to train.</summary>
    /// <param name="config">The numbers.</param>
    /// <param name="weights">A checkpoint, a random start, or shapes only.</param>
    /// <param name="compute">Type of the arithmetic; null: the type of the parameters.</param>
    public CogVideoXAutoencoder(AutoencoderConfig config, Weights weights, ScalarType? compute = null) : base(nameof(CogVideoXAutoencoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        LibtorchLoader.EnsureLoaded();
        Config = config.Checked("autoencoder config");
        encoder = new(weights.At("encoder"), config);
        decoder = new(weights.At("decoder"), config);
        quant_conv = config.QuantConvolution ? new(weights.At("quant_conv"), 2 * config.LatentChannels, 2 * config.LatentChannels, 1) : null;
        post_quant_conv = config.PostQuantConvolution ? new(weights.At("post_quant_conv"), config.LatentChannels, config.LatentChannels, 1) : null;
        RegisterComponents();
        Compute = compute ?? parameters().First().dtype;
        Device = weights.Device;
    }

    /// <summary>The numbers it was built from.</summary>
    public AutoencoderConfig Config { get; }

    /// <summary>The type of the arithmetic and of results.</summary>
    public ScalarType Compute { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>A model with a random start: same seed, same start.</summary>
    public static CogVideoXAutoencoder Initialize(AutoencoderConfig config, long seed, ScalarType type = ScalarType.Float32, ScalarType? compute = null, Device? device = null) =>
        Weights.Initialize(seed, type, device ?? CPU, weights => new CogVideoXAutoencoder(config, weights, compute));

    /// <summary>The model that a checkpoint holds; <paramref name="type"/> null keeps the parameters as they are on disk.</summary>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static CogVideoXAutoencoder Load(AutoencoderConfig config, ICheckpoint checkpoint, ScalarType? type = null, ScalarType? compute = null, Device? device = null) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new CogVideoXAutoencoder(config, weights, compute));

    /// <summary>The model of a diffusers folder "vae".</summary>
    public static CogVideoXAutoencoder Open(string folder, ScalarType? type = null, ScalarType? compute = null, Device? device = null)
    {
        var config = AutoencoderConfig.Open(Path.Combine(folder, "config.json"));
        using var checkpoint = CheckpointFolder.Open(folder, "diffusion_pytorch_model");
        return Load(config, checkpoint, type, compute, device);
    }

    /// <summary>Latents to video. Latents are not scaled: divide what the transformer made by <see cref="AutoencoderConfig.ScalingFactor"/> first.</summary>
    /// <param name="latents">[B, C, n, h, w].</param>
    /// <param name="oneByOne">Decode the videos of a batch one after another, for less memory.</param>
    /// <param name="tiling">Decode in tiles what is larger than a tile; null: never.</param>
    /// <param name="cancellationToken">Ends the work between two blocks.</param>
    /// <returns>[B, 3, F, H, W]: 4n − 3 frames for odd n, 4n for even n (at 4 frames per latent).</returns>
    public Tensor Decode(Tensor latents, bool oneByOne = false, Tiling? tiling = null, CancellationToken cancellationToken = default)
    {
        Check(latents, Config.LatentChannels, 1, nameof(latents));
        return Code(latents, oneByOne, tiling, decodes: true, cancellationToken);
    }

    /// <summary>Video to a distribution over latents.</summary>
    /// <param name="video">[B, 3, F, H, W] in −1 .. 1; F is 1, 8k or 8k + 1; H and W divide by <see cref="AutoencoderConfig.PixelsPerLatent"/>.</param>
    /// <param name="oneByOne">Encode the videos of a batch one after another.</param>
    /// <param name="tiling">Encode in tiles what is larger than a tile; null: never.</param>
    public Posterior Encode(Tensor video, bool oneByOne = false, Tiling? tiling = null)
    {
        Check(video, Config.Channels, Config.PixelsPerLatent, nameof(video));
        return new(Code(video, oneByOne, tiling, decodes: false, CancellationToken.None));
    }

    /// <summary>Operations of decoding one video.</summary>
    internal double DecodeFlops(long latentFrames, long height, long width) => Work.Decode(Config, latentFrames, height, width);

    private Tensor Code(Tensor x, bool oneByOne, Tiling? tiling, bool decodes, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var typed = x.to(Compute);
        Tensor Whole(Tensor part) => Chunked(part, decodes, cancellationToken);
        Tensor One(Tensor part)
        {
            if (tiling is null)
                return Whole(part);
            var (latentHeight, latentWidth) = tiling.Latent(Config);
            var (height, width) = decodes ? (latentHeight, latentWidth) : (tiling.Height, tiling.Width);
            return part.shape[3] > height || part.shape[4] > width ? tiling.Apply(part, Config, decodes, Whole) : Whole(part);
        }
        var coded = oneByOne && x.shape[0] > 1 ? cat(typed.split(1, 0).Select(One).ToArray(), 0) : One(typed);
        return coded.MoveToOuterDisposeScope();
    }

    /// <summary>A few frames at a time; the first chunk takes the remainder.</summary>
    private Tensor Chunked(Tensor x, bool decodes, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (size, count) = (decodes ? LatentChunk : FrameChunk, x.shape[2]);
        if (count < 2 * size)
            return CodeChunk(x, decodes, null, cancellationToken).MoveToOuterDisposeScope();
        using var memory = new ChunkMemory();
        var results = new List<Tensor>();
        long length = size + count % size;
        for (long start = 0; start < count; start += length, length = size)
            results.Add(CodeChunk(x.narrow(2, start, length), decodes, memory, cancellationToken));
        return cat(results.ToArray(), 2).MoveToOuterDisposeScope();
    }

    private Tensor CodeChunk(Tensor x, bool decodes, ChunkMemory? memory, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        if (decodes)
            return decoder.forward(post_quant_conv?.forward(x) ?? x, memory, cancellationToken).MoveToOuterDisposeScope();
        var moments = encoder.forward(x, memory, cancellationToken);
        return (quant_conv?.forward(moments) ?? moments).MoveToOuterDisposeScope();
    }

    private static void Check(Tensor x, long channels, int multiple, string name)
    {
        ArgumentNullException.ThrowIfNull(x);
        long[] shape = x.shape;
        if (shape.Length != 5 || shape[1] != channels)
            throw new ArgumentException($"expected [batch, {channels}, frames, height, width], found [{string.Join(", ", shape)}].", name);
        if (shape[3] % multiple != 0 || shape[4] % multiple != 0)
            throw new ArgumentException($"height and width must be multiples of {multiple}, they are {shape[3]} and {shape[4]}.", name);
    }
}
