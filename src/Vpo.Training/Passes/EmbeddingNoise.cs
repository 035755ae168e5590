using Vpo.Models.Llama;
using Vpo.Models.Tensors;
using Vpo.Training.Passes;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>NEFTune's noise for one micro-batch: the same seed, the same noise.</summary>
/// <param name="Alpha">α.</param>
/// <param name="Seed">Of the micro-batch.</param>
internal sealed record EmbeddingNoise(double Alpha, ulong Seed)
{
    public EmbeddingNoise OfPart(int part) => this with { Seed = unchecked(Seed + (ulong)part * 0x9E3779B97F4A7C15) };

    /// <returns>float32 [T, H].</returns>
    public Tensor Draw(PackedInputs inputs, LlamaModel model)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(Seed);
        var width = model.Config.HiddenSize;
        float[] reach = [.. inputs.Segments.SelectMany(s => Enumerable.Repeat((float)(Alpha / Math.Sqrt(s.Length * width)), s.Length))];
        var noise = rand([reach.Length, width], generator: generator).Times(2).Plus(-1).mul(tensor(reach).unsqueeze(1));
        return noise.to(model.Device).MoveToOuterDisposeScope();
    }
}
