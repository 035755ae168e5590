using Vpo.Models.Tensors;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>
/// Makes the channels of an autoencoder's latents independent and of variance 1, without changing what it decodes: its first and last layers take the
/// linear map in.
/// </summary>
/// <remarks>
/// Trained freely, one direction of the six held 69 % of the variance, nearly all of it background; the transformer then learns backgrounds and hardly
/// what the object does (docs/experiments.md). The spread of the posterior is not mapped: means are what the mini world uses.
/// </remarks>
internal static class LatentWhitening
{
    private const int Clips = 512, Chunk = 64;

    public static void Apply(CogVideoXAutoencoder model, long seed)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var channels = model.Config.LatentChannels;
        var (values, vectors) = linalg.eigh(Covariance(model, new Random(ContentId.Seed(seed, "whitening")), channels));
        var roots = values.sqrt();
        Tensor forth = vectors.div(roots).t(), back = vectors.mul(roots);   // z' = forth z, z = back z'
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name.StartsWith("encoder.conv_out.", StringComparison.Ordinal))
                MapOutputs(parameter, forth, channels);
            else if (name == "decoder.conv_in.conv.weight" || (name.StartsWith("decoder.", StringComparison.Ordinal) && IsOfLatents(name)))
                parameter.copy_(einsum("oi...,ij->oj...", parameter, back));
        }
    }

    private static bool IsOfLatents(string name) =>
        name.EndsWith(".conv_y.conv.weight", StringComparison.Ordinal) || name.EndsWith(".conv_b.conv.weight", StringComparison.Ordinal);

    /// <summary>The first half of the outputs are means; the second, log-variances, stays.</summary>
    private static void MapOutputs(Tensor parameter, Tensor map, long channels)
    {
        using var means = parameter.narrow(0, 0, channels);
        means.copy_(map.mm(means.reshape(channels, -1)).view(means.shape));
    }

    private static Tensor Covariance(CogVideoXAutoencoder model, Random random, long channels)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (var done = 0; done < Clips; done += Chunk)
        {
            var clips = ClipTensors.Of([.. Enumerable.Range(0, Chunk).Select(_ => Renderer.Render(Scene.Draw(random), random))]);
            parts.Add(model.Encode(clips).Mean().to(ScalarType.Float32).permute(0, 2, 3, 4, 1).reshape(-1, channels));
        }
        var latents = cat(parts.ToArray(), 0);
        var centred = latents.Minus(latents.mean([0]));
        return centred.t().mm(centred).Times(1.0 / latents.shape[0]).MoveToOuterDisposeScope();
    }
}
