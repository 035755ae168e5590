using System.Diagnostics;
using Vpo.Models.Layers;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>How fast a machine does each part's work, and how fast weights come from its disk.</summary>
/// <param name="Text">Floating-point operations a second of the text encoder.</param>
/// <param name="Transformer">Of the transformer.</param>
/// <param name="Decoder">Of the decoder.</param>
/// <param name="Reading">Bytes a second when weights are touched for the first time.</param>
public sealed record PlanRates(double Text, double Transformer, double Decoder, double Reading)
{
    private const long MostProbeTokens = 1024, TextTokens = 226;
    private const int ProbeRows = 6, ProbeColumns = 8, ReadSamples = 8, ReadSampleBytes = 8 << 20;

    /// <summary>Measures a few seconds: one block of the transformer's width, two latents of 6x8 through the decoder, the products of one layer of the text encoder, and pieces of the files.</summary>
    /// <param name="config">Of the model.</param>
    /// <param name="tokens">Of a video; at most 1,024 are tried.</param>
    /// <param name="type">Of the arithmetic.</param>
    /// <param name="files">Weights whose reading is tried.</param>
    public static PlanRates Measure(CogVideoXConfig config, long tokens, ScalarType type, IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(files);
        Vpo.Models.Native.LibtorchLoader.EnsureLoaded();
        using var quiet = no_grad();
        return new(OfText(config.TextEncoder, type), OfTransformer(config.Transformer, Math.Min(tokens, MostProbeTokens), type), OfDecoder(config.Autoencoder, type), OfReading(files));
    }

    private static double OfTransformer(TransformerConfig config, long tokens, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var block = CogVideoXTransformer.Initialize(config with { Layers = 1 }, 1, type);
        var words = Math.Min(config.MaxTextLength, tokens / 2);
        Tensor text = zeros([1, words, config.Width], dtype: type), video = zeros([1, tokens - words, config.Width], dtype: type), condition = zeros([1, config.TimeWidth], dtype: type);
        return Work.Transformer(config with { Layers = 1 }, tokens) / Best(() => block.RunBlock(text, video, condition).Dispose());
    }

    private static double OfDecoder(AutoencoderConfig config, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var model = CogVideoXAutoencoder.Initialize(config, 1, type);
        var latents = zeros([1, config.LatentChannels, 2, ProbeRows, ProbeColumns], dtype: type);
        return Work.Decode(config, 2, ProbeRows, ProbeColumns) / Best(() => model.Decode(latents).Dispose());
    }

    /// <summary>Its few tokens hardly pay for reading the weights from memory, so no smaller product would do.</summary>
    private static double OfText(T5Config config, ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor x = ones([TextTokens, config.Width], dtype: type), weight = ones([config.FeedForwardWidth, config.Width], dtype: type);
        return 2.0 * TextTokens * config.Width * config.FeedForwardWidth / Best(() => nn.functional.linear(x, weight).Dispose());
    }

    /// <summary>Pieces from all over the files; those that the system has in memory already are read from there, as they will be in the run.</summary>
    private static double OfReading(IReadOnlyList<string> files)
    {
        var buffer = new byte[ReadSampleBytes];
        var (read, start) = (0L, Stopwatch.GetTimestamp());
        foreach (var file in files)
        {
            using var handle = File.OpenHandle(file);
            var length = RandomAccess.GetLength(handle);
            for (var i = 0; i < ReadSamples; i++)
                read += RandomAccess.Read(handle, buffer, length / ReadSamples * i);
        }
        return read / Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9);
    }

    /// <summary>The second of two runs, in seconds: the first pays for set-up.</summary>
    private static double Best(Action run)
    {
        run();
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
