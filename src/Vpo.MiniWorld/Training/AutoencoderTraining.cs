using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using Vpo.Training.Optimizers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>First stage: the autoencoder learns to give clips back (absolute + 8 times squared error + a little divergence).</summary>
internal static class AutoencoderTraining
{
    private const int Batch = 4;
    private const double SquaredWeight = 8, DivergenceWeight = 3e-5;

    public static void Train(CogVideoXAutoencoder model, GeneratorRecipe recipe, StageReport report, CancellationToken cancellationToken)
    {
        model.RequireGradients();
        using var parameters = new TrainedParameters(model.named_parameters().Select(p => (p.name, p.parameter)));
        using var optimizer = new AdamW(parameters, new() { Beta2 = 0.99 });
        using var noise = new Generator((ulong)ContentId.Seed(recipe.Seed, "autoencoder noise"));
        var random = new Random(ContentId.Seed(recipe.Seed, "autoencoder clips"));
        for (var step = 0; step < recipe.AutoencoderSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var loss = Loss(model, ClipTensors.Of(Draw(random)), noise);
            loss.backward();
            parameters.Collect();
            parameters.Clip(1);
            optimizer.Step(WarmupDecay.At(step, recipe.AutoencoderSteps, recipe.AutoencoderRate));
            parameters.ZeroGradients();
            report.Step(step + 1, loss.item<float>());
        }
        model.RequireGradients(false);
    }

    private static List<VideoClip> Draw(Random random) => [.. Enumerable.Range(0, Batch).Select(_ => Renderer.Render(Scene.Draw(random), random))];

    private static Tensor Loss(CogVideoXAutoencoder model, Tensor video, Generator generator)
    {
        using var scope = NewDisposeScope();
        var posterior = model.Encode(video);
        var (mean, logVariance) = (posterior.Mean().to(ScalarType.Float32), posterior.LogVariance().to(ScalarType.Float32));
        var noise = randn(mean.shape, generator: generator);
        var latents = mean.addcmul(logVariance.Times(0.5).exp(), noise, Scalars.One);
        var error = model.Decode(latents).to(ScalarType.Float32).Minus(video);
        var divergence = mean.square().Plus(logVariance.exp()).Minus(logVariance).Plus(-1).mean().Times(0.5 * DivergenceWeight * mean.shape[1]);
        return error.abs().mean().Plus(error.square().mean().Times(SquaredWeight)).Plus(divergence).MoveToOuterDisposeScope();
    }
}
