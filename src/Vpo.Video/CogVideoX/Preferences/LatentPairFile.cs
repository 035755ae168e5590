using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Pairs as Diffusion-DPO reads them: chosen and rejected latents [N, F, C, h, w] as the transformer sees them, text [M, tokens, width] and text_of [N].</summary>
internal static class LatentPairFile
{
    /// <summary>The shard's name in its folder.</summary>
    public static string NameOf(int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"pairs-{index:D5}.safetensors");

    /// <summary>All shards of a folder, in order.</summary>
    public static IReadOnlyList<string> In(string folder) => [.. Directory.EnumerateFiles(folder, "pairs-*.safetensors").Order(StringComparer.Ordinal)];

    /// <param name="path">Whole or not at all.</param>
    /// <param name="pairs">Latents [F, C, h, w], with the row of the text; may be empty.</param>
    /// <param name="text">Embeddings of the prompts.</param>
    public static void Write(string path, IReadOnlyList<(Tensor Chosen, Tensor Rejected, long Text, float Weight)> pairs, Tensor text)
    {
        using var scope = NewDisposeScope();
        Tensor Stack(Func<(Tensor Chosen, Tensor Rejected, long Text, float Weight), Tensor> part) =>
            pairs.Count == 0 ? zeros([0, 1], dtype: ScalarType.Float32) : stack(pairs.Select(part).ToArray(), 0);
        SafetensorsWriter.Write(path,
        [
            new("chosen", Stack(pair => pair.Chosen)),
            new("rejected", Stack(pair => pair.Rejected)),
            new("text", text),
            new("text_of", tensor(pairs.Select(pair => pair.Text).ToArray())),
            new("weights", tensor(pairs.Select(pair => pair.Weight).ToArray())),
        ]);
    }
}
