using CsCheck;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Laws that hold for every input.</summary>
public sealed class LawTests
{
    private static string Tokenizer => Path.Combine(Repository.Root, "tests", "golden", "unigram_tokenizer", "t5_nmt_nfkc", "model");

    [Fact]
    public void Grid_SplitThenJoin_IsTheIdentity()
    {
        Gen.Select(Gen.Int[1, 2], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 2]).Sample((batch, frames, rows, columns, framePatch) =>
        {
            using var scope = NewDisposeScope();
            var config = Tiny.Transformer with { FramePatch = framePatch == 1 ? null : framePatch, Rotary = true };
            var latents = randn([batch, frames * framePatch, config.InChannels, 2 * rows, 2 * columns]);
            var grid = Grid.Of(latents, config);
            return grid.Tokens == frames * rows * columns && grid.Join(grid.Split(latents), config.InChannels).Equals(latents);
        }, iter: 30);
    }

    [Fact]
    public void Schedule_TrueVelocity_GivesBackTheCleanSample()
    {
        var schedule = new NoiseSchedule(new());
        Gen.Int[0, 999].Sample(timestep =>
        {
            using var scope = NewDisposeScope();
            var (clean, noise, timesteps) = (randn(1, 8, dtype: float64), randn(1, 8, dtype: float64), tensor(new[] { (long)timestep }));
            var (noisy, velocity) = (schedule.AddNoise(clean, noise, timesteps), schedule.Velocity(clean, noise, timesteps));
            return allclose(schedule.Clean(noisy, velocity, timestep), clean, 1e-9, 1e-9);
        }, iter: 50);
    }

    [Fact]
    public void Ddim_OneStepWithTheTrueVelocity_IsExact()
    {
        Gen.Int[2, 50].Where(steps => 1000 % steps == 0).Sample(steps =>
        {
            using var scope = NewDisposeScope();
            var schedule = new NoiseSchedule(new());
            using var sampler = new DdimSampler(schedule, steps);
            var (clean, noise) = (randn(1, 8, dtype: float64), randn(1, 8, dtype: float64));
            var sample = noise;   // zero terminal signal: the first sample is pure noise
            for (var i = 0; i < steps; i++)
                sample = sampler.Step(i, sample, schedule.Velocity(clean, noise, tensor(new[] { (long)sampler.Timesteps[i] })));
            return allclose(sample, clean, 1e-6, 1e-6);
        }, iter: 20);
    }

    [Fact]
    public void Tokenizer_AnyText_GivesIdsOfItsPieces()
    {
        var tokenizer = T5Tokenizer.Open(Tokenizer);
        Gen.String.Sample(text => tokenizer.Encode(text).All(id => id is >= 0 and < 1600));
    }

    [Fact]
    public void SentencePiece_DamagedFile_IsRefusedOrReadWithoutAnyOtherError()
    {
        var good = File.ReadAllBytes(Path.Combine(Tokenizer, "spiece.model"));
        var path = Path.GetTempFileName();
        Gen.Select(Gen.Int[0, 5000], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            byte[] bytes = cut ? good[..at] : [.. good[..at], value, .. good[(at + 1)..]];
            File.WriteAllBytes(path, bytes);
            try
            {
                new UnigramSegmenter(SentencePieceModel.Open(path)).Segment("▁ball"u8);
                return true;
            }
            catch (CheckpointException)
            {
                return true;
            }
        }, iter: 60, threads: 1);
        File.Delete(path);
    }

    [Fact]
    public void Autoencoder_SmallFloatInputs_HaveTheGradientsOfDoubles()
    {
        using var scope = NewDisposeScope();
        var single = CogVideoXAutoencoder.Initialize(Tiny.Autoencoder, 1, device: Golden.Device).RequireGradients();
        using var checkpoint = new ModuleCheckpoint(single);
        var exact = CogVideoXAutoencoder.Load(Tiny.Autoencoder, checkpoint, ScalarType.Float64, device: Golden.Device).RequireGradients();
        var video = randn([1, 3, 9, 8, 8], generator: new Generator(1)).to(Golden.Device);
        foreach (var model in new[] { single, exact })
        {
            var decoded = model.Decode(model.Encode(video).Mean());
            nn.functional.mse_loss(decoded, video.to(decoded.dtype)).backward();
        }
        foreach (var (name, parameter) in single.named_parameters())
        {
            var (expected, found) = (exact.get_parameter(name)!.grad!, parameter.grad!.to(float64));
            Assert.True((expected - found).norm().item<double>() <= 1e-3 * expected.norm().item<double>() + 1e-7, name);
        }
    }
}
