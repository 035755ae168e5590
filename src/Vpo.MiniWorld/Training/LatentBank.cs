using Vpo.Models.Tensors;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Clips that were rendered and encoded once, with their captions, so that the transformer's steps wait for no data.</summary>
internal sealed class LatentBank : IDisposable
{
    private const int Chunk = 128;

    private LatentBank(Tensor latents, double scaling, List<Scene> scenes) => (Latents, Scaling, Scenes) = (latents, scaling, scenes);

    /// <summary>[N, F, C, h, w], scaled to a standard deviation of 1.</summary>
    public Tensor Latents { get; }

    /// <summary>What the latents were multiplied by.</summary>
    public double Scaling { get; }

    /// <summary>What each clip shows.</summary>
    public IReadOnlyList<Scene> Scenes { get; }

    public static LatentBank Build(CogVideoXAutoencoder autoencoder, GeneratorRecipe recipe, StageReport report, CancellationToken cancellationToken)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var random = new Random(ContentId.Seed(recipe.Seed, "bank"));
        List<Scene> scenes = [.. Enumerable.Range(0, recipe.BankSize).Select(_ => Scene.Draw(random))];
        var parts = new List<Tensor>();
        foreach (var chunk in scenes.Chunk(Chunk))
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Add(Encode(autoencoder, [.. chunk.Select(scene => Renderer.Render(scene, random))]));
            report.Step(parts.Count * Chunk);
        }
        var raw = cat(parts.ToArray(), 0);
        var scaling = 1 / raw.std().item<float>();
        return new(raw.Times(scaling).MoveToOuterDisposeScope().DetachFromDisposeScope(), scaling, scenes);
    }

    public void Dispose() => Latents.Dispose();

    private static Tensor Encode(CogVideoXAutoencoder autoencoder, IReadOnlyList<VideoClip> clips)
    {
        using var scope = NewDisposeScope();
        return autoencoder.Encode(ClipTensors.Of(clips)).Mean().to(ScalarType.Float32).transpose(1, 2).contiguous().MoveToOuterDisposeScope();
    }
}
