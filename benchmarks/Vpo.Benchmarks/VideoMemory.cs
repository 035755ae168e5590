using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>What the parts of CogVideoX-2B need beside their weights and results, in bfloat16: how it grows with tokens, with the size of frames and with their number.</summary>
internal static class VideoMemory
{
    private const double Mebi = 1 << 20;

    public static void Show()
    {
        using var guard = no_grad();
        Text();
        Block();
        Decoder();
    }

    private static void Text()
    {
        using var model = T5Encoder.Initialize(new() { Layers = 1 }, 1, bfloat16);
        foreach (var prompts in (long[])[1, 2, 4])
        {
            using var scope = NewDisposeScope();
            var ids = ones([prompts, 226], dtype: int64);
            Row($"text encoder, {prompts} prompts of 226 tokens", () => model.forward(ids));
        }
    }

    private static void Block()
    {
        using var model = CogVideoXTransformer.Initialize(new() { Heads = 30, HeadDim = 64, Layers = 1 }, 1, bfloat16);
        foreach (var (videos, tokens) in ((long, long)[])[(1, 990), (2, 990), (2, 1980), (2, 3870)])
        {
            using var scope = NewDisposeScope();
            Tensor text = randn(videos, 226, 1920).to(bfloat16), video = randn(videos, tokens, 1920).to(bfloat16), condition = randn(videos, 512).to(bfloat16);
            Row($"block, {videos} videos of {tokens + 226} tokens", () => model.RunBlock(text, video, condition));
        }
    }

    private static void Decoder()
    {
        using var model = CogVideoXAutoencoder.Initialize(new(), 1, bfloat16);
        foreach (var (frames, rows, columns) in ((long, long, long)[])[(2, 12, 16), (4, 12, 16), (8, 12, 16), (16, 12, 16), (3, 12, 16), (3, 24, 16), (3, 30, 44)])
        {
            using var scope = NewDisposeScope();
            var latents = randn([1, 16, frames, rows, columns]).to(bfloat16);
            Row($"decoder, {frames} latents of {rows}x{columns}", () => model.Decode(latents));
        }
    }

    /// <summary>The second run: the first pays for set-up.</summary>
    private static void Row(string what, Func<Tensor> run)
    {
        run().Dispose();
        var before = Machine.ResetPeak();
        using var result = run();
        var size = result.numel() * result.element_size() / Mebi;
        Console.WriteLine($"{what,-40}{(Machine.Peak() - before) / Mebi - size,8:N0} MiB beside the result's {size:N0} MiB");
    }
}
