using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Vpo.MiniWorld;

/// <summary>Second stage: transformer and text encoder learn together to predict velocities of noisy latents; a tenth of the captions is left out, another tenth loses words.</summary>
/// <remarks>T5's attention is not scaled and starts with small queries, so the rate that the transformer wants upsets it: with a tenth of the rate the words of motion are learnt in half the steps (docs/experiments.md).</remarks>
internal sealed class TransformerTraining(CogVideoXTransformer transformer, T5Encoder text, LatentBank bank, GeneratorRun run)
{
    private const int Batch = 32;
    private const double CaptionDropout = 0.1, WordDropout = 0.1, Averaging = 0.995, WeightDecay = 0.01;

    private const string TextPrefix = "text.";

    private static readonly string[] Gates = ["norm1.linear", "norm2.linear", "norm_out.linear", "proj_out", ".SelfAttention.o.", ".DenseReluDense.wo."];

    private readonly NoiseSchedule _schedule = new(GeneratorRecipe.Noise());

    /// <summary>Trains; the parameters are the moving average at the end.</summary>
    public void Train()
    {
        var named = Named().ToList();
        ZeroGates(named);
        using (var stage = new GeneratorStage(run, "transformer", named, WeightDecay, Averaging, RateShare))
            stage.Train(run.Recipe.TransformerSteps, run.Recipe.TransformerRate, Prepare);
        transformer.RequireGradients(false);
        text.RequireGradients(false);
    }

    private IEnumerable<(string, Parameter)> Named() =>
        transformer.RequireGradients().named_parameters().Select(p => ("transformer." + p.name, p.parameter))
            .Concat(text.RequireGradients().named_parameters().Select(p => (TextPrefix + p.name, p.parameter)));

    private double RateShare(string name) => name.StartsWith(TextPrefix, StringComparison.Ordinal) ? run.Recipe.TextRateShare : 1;

    /// <summary>Blocks of both models start as the identity and the output at 0 (the adaLN-zero start of arXiv 2212.09748), which trains faster.</summary>
    /// <remarks>T5's layers as they are drawn mix all words, so that a few unknown ones would spoil each.</remarks>
    private static void ZeroGates(IEnumerable<(string Name, Parameter Value)> named)
    {
        using var quiet = no_grad();
        foreach (var (name, value) in named)
            if (Gates.Any(gate => name.Contains(gate, StringComparison.Ordinal)))
                value.zero_();
    }

    private Func<int, Tensor> Prepare(int step)
    {
        var random = new Random(run.Seed("transformer batch", step));
        var picks = Enumerable.Range(0, Batch).Select(_ => (long)random.Next(bank.Scenes.Count)).ToArray();
        var clean = bank.Latents.index_select(0, tensor(picks));
        var timesteps = tensor(Enumerable.Range(0, Batch).Select(_ => (long)random.Next(_schedule.Config.TrainTimesteps)).ToArray());
        using var generator = new Generator((ulong)run.Seed("transformer noise", step));
        Tensor[] batch = [clean, randn(clean.shape, generator: generator), timesteps, Ids(picks, random)];
        const long Half = Batch / GeneratorStage.Lanes;
        return lane => Loss(Array.ConvertAll(batch, whole => whole.narrow(0, lane * Half, Half)));
    }

    /// <param name="batch">Latents, noise, timesteps and words.</param>
    private Tensor Loss(Tensor[] batch)
    {
        var (clean, noise, timesteps, words) = (batch[0], batch[1], batch[2], batch[3]);
        var velocity = transformer.forward(_schedule.AddNoise(clean, noise, timesteps), timesteps, text.forward(words)).to(ScalarType.Float32);
        return velocity.Minus(_schedule.Velocity(clean, noise, timesteps)).Squared().mean();
    }

    /// <summary>The caption; for a tenth of them nothing, for another tenth a part of its words, so that the generator is not lost when words are missing.</summary>
    private static string Thinned(string caption, Random random)
    {
        var draw = random.NextDouble();
        if (draw >= CaptionDropout + WordDropout)
            return caption;
        var kept = draw < CaptionDropout ? 0 : random.NextDouble();
        return string.Join(' ', caption.Split(' ').Where(_ => random.NextDouble() < kept));
    }

    /// <summary>Captions as ids, [B, length]: end behind the words, then padding.</summary>
    private Tensor Ids(long[] picks, Random random)
    {
        var config = text.Config;
        var ids = new long[picks.Length * GeneratorRecipe.TextLength];
        Array.Fill(ids, config.PadId);
        for (var row = 0; row < picks.Length; row++)
        {
            var caption = Thinned(Captions.Write(bank.Scenes[(int)picks[row]], Captions.DrawPlain(random)), random);
            var at = row * GeneratorRecipe.TextLength;
            foreach (var id in MiniVocabulary.CaptionTokens(caption))
                ids[at++] = id;
            ids[at] = config.EosId;
        }
        return tensor(ids).view(picks.Length, GeneratorRecipe.TextLength);
    }
}
