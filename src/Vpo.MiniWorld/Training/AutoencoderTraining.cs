using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>First stage: the autoencoder learns to give clips back (absolute + 8 times squared error + a little divergence).</summary>
/// <remarks>Most steps see a window of half the width and height of each clip, a third of the time of whole ones: nothing that it learns depends on more of the picture but the statistics of its norms.</remarks>
internal sealed class AutoencoderTraining(CogVideoXAutoencoder model, GeneratorRun run)
{
    private const int Batch = 4, Window = Renderer.Side / 2;
    private const double SquaredWeight = 8, DivergenceWeight = 3e-5;

    public void Train()
    {
        using (var stage = new GeneratorStage(run, "autoencoder", model.RequireGradients().named_parameters().Select(p => (p.name, p.parameter))))
            stage.Train(run.Recipe.AutoencoderSteps, run.Recipe.AutoencoderRate, Prepare);
        model.RequireGradients(false);
    }

    private Func<int, Tensor> Prepare(int step)
    {
        var random = new Random(run.Seed("autoencoder clips", step));
        var clips = ClipTensors.Of([.. Enumerable.Range(0, Batch).Select(_ => Renderer.Render(Scene.Draw(random), random))]);
        if (step < run.Recipe.AutoencoderWindowSteps)
            clips = Windows(clips, random);
        using var generator = new Generator((ulong)run.Seed("autoencoder noise", step));
        var (frames, side) = ((Renderer.FrameCount - 1) / model.Config.FramesPerLatent + 1, clips.shape[^1] / model.Config.PixelsPerLatent);
        var noise = randn([Batch, model.Config.LatentChannels, frames, side, side], generator: generator);
        const long Half = Batch / GeneratorStage.Lanes;
        return lane => Loss(clips.narrow(0, lane * Half, Half), noise.narrow(0, lane * Half, Half));
    }

    /// <summary>A square of each clip, anywhere in its picture.</summary>
    private static Tensor Windows(Tensor clips, Random random) =>
        cat([.. clips.split(1).Select(clip => clip.narrow(3, Corner(random), Window).narrow(4, Corner(random), Window))], 0);

    private static int Corner(Random random) => random.Next(Renderer.Side - Window + 1);

    private Tensor Loss(Tensor video, Tensor noise)
    {
        var posterior = model.Encode(video);
        var (mean, logVariance) = (posterior.Mean().to(ScalarType.Float32), posterior.LogVariance().to(ScalarType.Float32));
        var latents = mean.addcmul(logVariance.Times(0.5).exp(), noise, Scalars.One);
        var error = model.Decode(latents).to(ScalarType.Float32).Minus(video);
        var divergence = mean.Squared().Plus(logVariance.exp()).Minus(logVariance).Plus(-1).mean().Times(0.5 * DivergenceWeight * mean.shape[1]);
        return error.abs().mean().Plus(error.Squared().mean().Times(SquaredWeight)).Plus(divergence);
    }
}
