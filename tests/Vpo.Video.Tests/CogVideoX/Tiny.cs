using TorchSharp;
using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Models of a few thousand parameters with a random start.</summary>
internal static class Tiny
{
    public const int TextLength = 8;

    public static TransformerConfig Transformer { get; } = new()
    {
        Heads = 2,
        HeadDim = 16,
        Layers = 2,
        InChannels = 4,
        OutChannels = 4,
        TimeWidth = 16,
        TextWidth = 16,
        MaxTextLength = TextLength,
        SampleHeight = 4,
        SampleWidth = 4,
        SampleFrames = 9,
    };

    public static AutoencoderConfig Autoencoder { get; } =
        new() { LatentChannels = 4, Widths = [4, 8, 8], LayersPerBlock = 1, Groups = 2, SampleHeight = 16, SampleWidth = 16 };

    public static T5Config Text { get; } = new() { VocabularySize = 32, Width = 16, HeadDim = 8, FeedForwardWidth = 16, Layers = 1, Heads = 2, Buckets = 8, MaxDistance = 16 };

    public static IReadOnlyList<int> Tokenize(string prompt) =>
        [.. prompt.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => 2 + word.Sum(letter => letter) % 30)];

    public static CogVideoXPipeline Pipeline(TransformerConfig? transformer = null) => new(
        new T5TextEncoder(T5Encoder.Initialize(Text, 1, device: Golden.Device), Tokenize, TextLength),
        CogVideoXTransformer.Initialize(transformer ?? Transformer, 2, device: Golden.Device),
        CogVideoXAutoencoder.Initialize(Autoencoder, 3, device: Golden.Device), new(new()));
}
