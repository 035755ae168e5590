using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using Vpo.Training.Optimizers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Vpo.MiniWorld;

/// <summary>Second stage: transformer and text encoder learn together to predict velocities of noisy latents; a tenth of the captions is left out.</summary>
internal sealed class TransformerTraining : IDisposable
{
    private const int Batch = 32;
    private const double CaptionDropout = 0.1, Averaging = 0.995, WeightDecay = 0.01;

    private readonly CogVideoXTransformer _transformer;
    private readonly T5Encoder _text;
    private readonly LatentBank _bank;
    private readonly NoiseSchedule _schedule = new(GeneratorRecipe.Noise());
    private readonly Random _random;
    private readonly Generator _noise;

    public TransformerTraining(CogVideoXTransformer transformer, T5Encoder text, LatentBank bank, long seed)
    {
        (_transformer, _text, _bank) = (transformer, text, bank);
        _random = new(ContentId.Seed(seed, "transformer batches"));
        _noise = new((ulong)ContentId.Seed(seed, "transformer noise"));
    }

    /// <summary>Trains; the parameters are the moving average at the end.</summary>
    public void Train(GeneratorRecipe recipe, StageReport report, CancellationToken cancellationToken)
    {
        var named = Named().ToList();
        ZeroGates(named);
        using var parameters = new TrainedParameters(named);
        using var optimizer = new AdamW(parameters, new() { Beta2 = 0.99, WeightDecay = WeightDecay });
        using var average = new MovingAverage(parameters.Masters, Averaging);
        for (var step = 0; step < recipe.TransformerSteps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var loss = Loss();
            loss.backward();
            parameters.Collect();
            parameters.Clip(1);
            optimizer.Step(WarmupDecay.At(step, recipe.TransformerSteps, recipe.TransformerRate));
            parameters.ZeroGradients();
            average.Update();
            report.Step(step + 1, loss.item<float>());
        }
        average.Publish();
        _transformer.RequireGradients(false);
        _text.RequireGradients(false);
    }

    public void Dispose() => _noise.Dispose();

    private IEnumerable<(string, Parameter)> Named() =>
        _transformer.RequireGradients().named_parameters().Select(p => ("transformer." + p.name, p.parameter))
            .Concat(_text.RequireGradients().named_parameters().Select(p => ("text." + p.name, p.parameter)));

    /// <summary>Blocks start as the identity and the output at 0 (the adaLN-zero start of arXiv 2212.09748), which trains faster.</summary>
    private static void ZeroGates(IEnumerable<(string Name, Parameter Value)> named)
    {
        using var quiet = no_grad();
        foreach (var (name, value) in named)
            if (name.Contains("norm1.linear", StringComparison.Ordinal) || name.Contains("norm2.linear", StringComparison.Ordinal)
                || name.Contains("norm_out.linear", StringComparison.Ordinal) || name.Contains("proj_out", StringComparison.Ordinal))
                value.zero_();
    }

    private Tensor Loss()
    {
        using var scope = NewDisposeScope();
        var picks = Enumerable.Range(0, Batch).Select(_ => (long)_random.Next(_bank.Scenes.Count)).ToArray();
        var clean = _bank.Latents.index_select(0, tensor(picks));
        var timesteps = tensor(Enumerable.Range(0, Batch).Select(_ => (long)_random.Next(_schedule.Config.TrainTimesteps)).ToArray());
        var noise = randn(clean.shape, generator: _noise);
        var words = _text.forward(Ids(picks));
        var velocity = _transformer.forward(_schedule.AddNoise(clean, noise, timesteps), timesteps, words).to(ScalarType.Float32);
        return velocity.Minus(_schedule.Velocity(clean, noise, timesteps)).square().mean().MoveToOuterDisposeScope();
    }

    /// <summary>Captions as ids, [B, length]: end behind the words, then padding.</summary>
    private Tensor Ids(long[] picks)
    {
        var config = _text.Config;
        var ids = new long[picks.Length * GeneratorRecipe.TextLength];
        Array.Fill(ids, config.PadId);
        for (var row = 0; row < picks.Length; row++)
        {
            var dropped = _random.NextDouble() < CaptionDropout;
            var caption = dropped ? "" : Captions.Write(_bank.Scenes[(int)picks[row]], Captions.DrawPlain(_random));
            var at = row * GeneratorRecipe.TextLength;
            foreach (var id in MiniVocabulary.CaptionTokens(caption))
                ids[at++] = id;
            ids[at] = config.EosId;
        }
        return tensor(ids).view(picks.Length, GeneratorRecipe.TextLength);
    }
}
