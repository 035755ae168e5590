using Vpo.Models.Tensors;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Two clips of one prompt, of which one is preferred.</summary>
/// <param name="Prompt">What both were made from.</param>
/// <param name="Chosen">The better one.</param>
/// <param name="Rejected">The other, of the same size.</param>
/// <param name="Weight">Multiplies the pair's errors in training.</param>
public sealed record ClipPair(string Prompt, VideoClip Chosen, VideoClip Rejected, double Weight = 1);

/// <summary>Encodes given clips for Diffusion-DPO, once.</summary>
public static class ClipPairs
{
    private const int PerFile = 16;
    private const double HalfWhite = 127.5;

    /// <summary>Encodes what is not there yet.</summary>
    /// <param name="pipeline">Its autoencoder and text encoder are used.</param>
    /// <param name="pairs">All of one size. Clips that lie in files are read only when it is their turn.</param>
    /// <param name="folder">Gets a file for every 16 pairs; files that are there are kept as they are.</param>
    /// <param name="seed">Of the draw from the encoder's distribution.</param>
    /// <param name="progress">Hears of every file.</param>
    /// <param name="cancellationToken">Ends the work between two clips.</param>
    /// <returns>Paths of all files.</returns>
    /// <exception cref="ArgumentException">A clip's size or length is not one of the model's, or a prompt is too long: before any work, with the nearest valid values.</exception>
    public static IReadOnlyList<string> Encode(
        CogVideoXPipeline pipeline, IReadOnlyList<ClipPair> pairs, string folder, long seed = 0, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(pairs);
        Check(pipeline, pairs);
        Directory.CreateDirectory(folder);
        var files = new List<string>();
        using var quiet = no_grad();
        foreach (var chunk in pairs.Chunk(PerFile))
        {
            var path = Path.Combine(folder, LatentPairFile.NameOf(files.Count));
            if (!File.Exists(path))
                EncodeChunk(pipeline, chunk, path, ContentId.Seed(seed, "encode", LatentPairFile.NameOf(files.Count)), cancellationToken);
            files.Add(path);
            progress?.Report(new("encoding", Math.Min(files.Count * PerFile, pairs.Count), pairs.Count, null));
        }
        return files;
    }

    private static void EncodeChunk(CogVideoXPipeline pipeline, ClipPair[] chunk, string path, long seed, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        Tensor Latents(VideoClip clip)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return LatentsOf(pipeline, clip, generator);
        }
        var encoded = chunk.Select((pair, i) => (Latents(pair.Chosen), Latents(pair.Rejected), (long)i, (float)pair.Weight)).ToList();
        LatentPairFile.Write(path, encoded, pipeline.Embed([.. chunk.Select(pair => pair.Prompt)]));
    }

    /// <summary>[F, C, h, w], scaled as the transformer sees them. Where time is cut into patches the first latent frame is repeated in front until they fill, as the authors' training does.</summary>
    private static Tensor LatentsOf(CogVideoXPipeline pipeline, VideoClip clip, Generator generator)
    {
        using var scope = NewDisposeScope();
        var (autoencoder, shape) = (pipeline.Autoencoder, new VideoShape(clip.FrameCount, clip.Height, clip.Width));
        var bytes = tensor(clip.Frames.ToArray()).view(1, clip.FrameCount, clip.Height, clip.Width, 3);
        var video = bytes.permute(0, 4, 1, 2, 3).to(ScalarType.Float32).Times(1 / HalfWhite).Plus(-1).to(autoencoder.Device);
        var posterior = autoencoder.Encode(video);
        var noise = randn(posterior.Mean().shape, generator: generator).to(autoencoder.Compute, autoencoder.Device);
        var latents = posterior.Sample(noise).transpose(1, 2).Times(autoencoder.Config.ScalingFactor).squeeze(0);
        var padding = shape.Padding(pipeline.TransformerConfig, autoencoder.Config);
        return (padding == 0 ? latents : cat([latents.narrow(0, 0, 1).expand(padding, -1, -1, -1), latents], 0)).contiguous().cpu().MoveToOuterDisposeScope();
    }

    private static void Check(CogVideoXPipeline pipeline, IReadOnlyList<ClipPair> pairs)
    {
        if (pairs.Count == 0)
            throw new ArgumentException("there are no pairs.", nameof(pairs));
        if (pipeline.NeedsImage)
            throw new ArgumentException("Diffusion-DPO of image-to-video models is not supported: pairs have no first frame of their own.", nameof(pipeline));
        var (transformer, autoencoder, first) = (pipeline.TransformerConfig, pipeline.AutoencoderConfig, ShapeOf(pairs[0].Chosen));
        first.Check(transformer, autoencoder);
        first.CheckFrames(autoencoder);
        foreach (var (pair, i) in pairs.Select((pair, i) => (pair, i)))
        {
            pipeline.Text.Check(pair.Prompt);
            if (ShapeOf(pair.Chosen) != first || ShapeOf(pair.Rejected) != first)
                throw new ArgumentException($"all clips must be of one size: pair {i} has {ShapeOf(pair.Chosen)} and {ShapeOf(pair.Rejected)}, the first clip is {first}.", nameof(pairs));
        }
    }

    private static VideoShape ShapeOf(VideoClip clip) => new(clip.FrameCount, clip.Height, clip.Width);
}
