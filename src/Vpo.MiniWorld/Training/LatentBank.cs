using Vpo.Models.Tensors;
using Vpo.Training;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>Clips that were rendered and encoded once, with their captions, so that the transformer's steps wait for no data.</summary>
internal sealed class LatentBank : IDisposable
{
    private const int Chunk = 64;

    private LatentBank(Tensor latents, double scaling, List<Scene> scenes) => (Latents, Scaling, Scenes) = (latents, scaling, scenes);

    /// <summary>[N, F, C, h, w], scaled to a standard deviation of 1.</summary>
    public Tensor Latents { get; }

    /// <summary>What the latents were multiplied by.</summary>
    public double Scaling { get; }

    /// <summary>What each clip shows.</summary>
    public IReadOnlyList<Scene> Scenes { get; }

    public static LatentBank Build(CogVideoXAutoencoder autoencoder, GeneratorRun run)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        using var lanes = new Lanes(GeneratorStage.Lanes);
        var random = new Random(ContentId.Seed(run.Recipe.Seed, "bank"));
        List<Scene> scenes = [.. Enumerable.Range(0, run.Recipe.BankSize).Select(_ => Scene.Draw(random))];
        var (report, parts) = (run.Report("latents", (0, scenes.Count)), new List<Tensor>());
        foreach (var pair in scenes.Chunk(Chunk).Chunk(lanes.Count))
        {
            run.CancellationToken.ThrowIfCancellationRequested();
            var clips = Array.ConvertAll(pair, chunk => ClipTensors.Of([.. chunk.Select(scene => Renderer.Render(scene, random))]));
            var encoded = new Tensor[clips.Length];
            lanes.Run(clips.Length, lane => encoded[lane] = Encode(autoencoder, clips[lane]));
            parts.AddRange(encoded);
            report.Step(Math.Min(parts.Count * Chunk, scenes.Count));
        }
        var raw = cat(parts.ToArray(), 0);
        parts.ForEach(part => part.Dispose());
        var scaling = 1 / raw.std().item<float>();
        return new(raw.Times(scaling).MoveToOuterDisposeScope().DetachFromDisposeScope(), scaling, scenes);
    }

    public void Dispose() => Latents.Dispose();

    private static Tensor Encode(CogVideoXAutoencoder autoencoder, Tensor clips)
    {
        using var quiet = no_grad();   // of this thread
        using var scope = NewDisposeScope();
        return autoencoder.Encode(clips).Mean().to(ScalarType.Float32).transpose(1, 2).contiguous().DetachFromDisposeScope();
    }
}
