using System.Diagnostics;
using Vpo.Benchmarks.UsualStack;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>CogVideoX-2B's shapes: one transformer block and one chunk of the decoder, as shares of what the machine can do and against the usual stack.</summary>
internal static class VideoSpeed
{
    private const long Text = 226, Frames = 3, Rows = 30, Columns = 43;
    private const int Repeats = 3;

    private static readonly TransformerConfig OneBlock = new() { Heads = 30, HeadDim = 64, Layers = 1, MaxTextLength = Text };

    public static void Block()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = CogVideoXTransformer.Initialize(OneBlock, 1, bfloat16);
        var plain = new PlainVideoBlock(model);
        var (width, tokens) = (model.Config.Width, Frames * Rows * Columns);
        Tensor text = randn(1, Text, width).to(bfloat16), video = randn(1, tokens, width).to(bfloat16), condition = randn(1, 512).to(bfloat16);
        var flops = 24.0 * width * width * (Text + tokens) + 4.0 * (Text + tokens) * (Text + tokens) * width;
        var peak = Machine.MatmulPeak(bfloat16);
        var best = InTurns(() => plain.Run(text, video, condition).Dispose(), () => model.RunBlock(text, video, condition).Dispose());
        var (usual, ours) = (best[0].Wall, best[1].Wall);
        var gap = model.RunBlock(text, video, condition).to(float32) - plain.Run(text, video, condition).to(float32);
        Console.WriteLine($"2B block, {Text + tokens} tokens, bfloat16, {get_num_threads()} threads; matmul peak {peak / 1e9:N0} GFLOP/s");
        Console.WriteLine($"usual {usual * 1e3:N0} ms ({flops / usual / peak:P0} of the peak), ours {ours * 1e3:N0} ms ({flops / ours / peak:P0}), {usual / ours:N2} times; difference {gap.square().mean().sqrt().item<float>():g2} of {plain.Run(text, video, condition).to(float32).std().item<float>():g2}");
        Console.WriteLine($"of processor: usual {best[0].Processor:N2} s, ours {best[1].Processor:N2} s, {best[0].Processor / best[1].Processor:N2} times");
    }

    /// <summary>The best of each, run in turns, so that a busy moment of the machine meets all: seconds, and seconds of processor, which other work disturbs less.</summary>
    private static (double Wall, double Processor)[] InTurns(params Action[] runs)
    {
        (double Wall, double Processor)[] best = [.. runs.Select(_ => (double.PositiveInfinity, double.PositiveInfinity))];
        for (var i = 0; i <= Repeats; i++)
        {
            for (var run = 0; run < runs.Length; run++)
            {
                var (start, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                runs[run]();
                if (i > 0)   // the first of each pays for set-up
                    best[run] = (Math.Min(best[run].Wall, Stopwatch.GetElapsedTime(start).TotalSeconds), Math.Min(best[run].Processor, (Environment.CpuUsage.TotalTime - processor).TotalSeconds));
            }
        }
        return best;
    }

    public static void Decode()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var exact = CogVideoXAutoencoder.Initialize(new(), 1);
        using var checkpoint = new ModuleCheckpoint(exact);
        using var model = CogVideoXAutoencoder.Load(exact.Config, checkpoint, bfloat16);
        var (plain, single) = (new PlainVideoDecoder(model), new PlainVideoDecoder(exact));
        var drawn = randn([1, 16, 2, 12, 16]);
        var latents = drawn.to(bfloat16);
        Tensor input = randn([1, 256, 10, 48, 64]).to(bfloat16), kernel = randn([256, 256, 3, 3, 3]).to(bfloat16);
        var peak = 2.0 * 27 * 256 * 256 * 8 * 48 * 64 / Stopwatches.Best(() => nn.functional.conv3d(input, kernel, padding: [0, 1, 1]).Dispose(), Repeats);
        var best = InTurns(() => plain.Run(latents).Dispose(), () => model.Decode(latents).Dispose(), () => single.Run(drawn).Dispose());
        var (usual, ours, slow) = (best[0].Wall, best[1].Wall, best[2].Wall);
        var gap = model.Decode(latents).to(float32) - plain.Run(latents).to(float32);
        var flops = model.DecodeFlops(2, 12, 16);
        Console.WriteLine($"decoder, 2 latents of 12x16, bfloat16, {get_num_threads()} threads; convolution rate {peak / 1e9:N0} GFLOP/s, work {flops / 1e9:N0} GFLOP");
        Console.WriteLine($"usual {usual * 1e3:N0} ms ({flops / usual / peak:P0} of the rate), ours {ours * 1e3:N0} ms ({flops / ours / peak:P0}), {usual / ours:N2} times; difference {gap.square().mean().sqrt().item<float>():g2}");
        Console.WriteLine($"usual in float32 {slow * 1e3:N0} ms: ours in bfloat16 is {slow / ours:N2} times as fast");
        Console.WriteLine($"of processor: usual {best[0].Processor:N2} s, ours {best[1].Processor:N2} s ({best[0].Processor / best[1].Processor:N2} times), usual in float32 {best[2].Processor:N2} s ({best[2].Processor / best[1].Processor:N2} times)");
    }
}
