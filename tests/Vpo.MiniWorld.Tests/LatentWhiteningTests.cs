using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld.Tests;

public sealed class LatentWhiteningTests
{
    [Fact]
    public void Apply_AnAutoencoder_WhitensLatentsAndLeavesReconstructionsAsTheyWere()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        using var model = CogVideoXAutoencoder.Initialize(GeneratorRecipe.Autoencoder(1), 3, ScalarType.Float32);
        var random = new Random(4);
        var clips = ClipTensors.Of([.. Enumerable.Range(0, 32).Select(_ => Renderer.Render(Scene.Draw(random), random))]);
        var before = model.Decode(model.Encode(clips).Mean());
        LatentWhitening.Apply(model, seed: 5);
        var latents = model.Encode(clips).Mean();
        Assert.True(allclose(before, model.Decode(latents), 1e-3, 1e-3));
        var flat = latents.permute(0, 2, 3, 4, 1).reshape(-1, 6);
        var covariance = (flat - flat.mean([0])).t().mm(flat - flat.mean([0])) / flat.shape[0];
        Assert.True((covariance - eye(6)).abs().max().item<float>() < 0.35, "covariance is not near the identity");
    }
}
