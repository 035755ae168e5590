using Vpo.Models.Checkpoints;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>One level of the encoder or the decoder, or its middle: residual blocks, then at most one change of size.</summary>
internal sealed class Level : nn.Module
{
    private readonly TorchSharp.Modules.ModuleList<ResidualBlock> resnets;
    private readonly TorchSharp.Modules.ModuleList<Downsampler>? downsamplers;
    private readonly TorchSharp.Modules.ModuleList<Upsampler>? upsamplers;

    /// <param name="weights">At the level's name.</param>
    /// <param name="config">The autoencoder's.</param>
    /// <param name="shape">Blocks, widths and what follows.</param>
    public Level(Weights weights, AutoencoderConfig config, LevelShape shape) : base(nameof(Level))
    {
        resnets = new([.. Enumerable.Range(0, shape.Blocks).Select(i =>
            new ResidualBlock(weights.At($"resnets.{i}"), config, i == 0 ? shape.Inputs : shape.Outputs, shape.Outputs, shape.Steered))]);
        downsamplers = shape.Resize == Resize.Down ? new(new Downsampler(weights.At("downsamplers.0"), shape.Outputs, shape.ResizesTime)) : null;
        upsamplers = shape.Resize == Resize.Up ? new(new Upsampler(weights.At("upsamplers.0"), shape.Outputs, shape.ResizesTime)) : null;
        RegisterComponents();
    }

    /// <summary>Disposes of the input, which is large; training keeps what it needs by itself.</summary>
    public Tensor Replace(Tensor x, Tensor? latents, ChunkMemory? memory, CancellationToken cancellationToken)
    {
        foreach (var block in resnets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            x = Exchange(x, block.forward(x, latents, memory));
        }
        if (downsamplers is not null)
            x = Exchange(x, downsamplers[0].forward(x));
        return upsamplers is null ? x : Exchange(x, upsamplers[0].forward(x));
    }

    private static Tensor Exchange(Tensor old, Tensor young)
    {
        old.Dispose();
        return young;
    }
}

internal enum Resize
{
    None,
    Down,
    Up,
}

/// <param name="Inputs">Channels that come in.</param>
/// <param name="Outputs">Channels that go out.</param>
/// <param name="Blocks">Residual blocks.</param>
/// <param name="Steered">Whether norms look at the latents (decoder).</param>
/// <param name="Resize">What follows the blocks.</param>
/// <param name="ResizesTime">Whether time changes too.</param>
internal readonly record struct LevelShape(long Inputs, long Outputs, int Blocks, bool Steered, Resize Resize, bool ResizesTime);

/// <summary>Halves height and width, and time where asked: pairs of frames are averaged, a first odd one is kept.</summary>
internal sealed class Downsampler : nn.Module<Tensor, Tensor>
{
    private readonly FrameConvolution conv;
    private readonly bool _time;

    public Downsampler(Weights weights, long channels, bool time) : base(nameof(Downsampler))
    {
        conv = new(weights.At("conv"), channels, stride: 2, border: 0);
        _time = time;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var fewer = _time && x.shape[2] > 1 ? HalveTime(x) : x;
        return conv.forward(nn.functional.pad(fewer, [0, 1, 0, 1])).MoveToOuterDisposeScope();
    }

    private static Tensor HalveTime(Tensor x)
    {
        var odd = x.shape[2] % 2;
        var means = x.slice(2, odd, x.shape[2], 2).Plus(x.slice(2, odd + 1, x.shape[2], 2)).Times(0.5);
        return odd == 0 ? means : cat([x.narrow(2, 0, 1), means], 2);
    }
}

/// <summary>Doubles height and width by nearest neighbour and a convolution, and time where asked: every frame but a first odd one is shown twice.</summary>
internal sealed class Upsampler : nn.Module<Tensor, Tensor>
{
    private readonly FrameConvolution conv;
    private readonly bool _time;

    public Upsampler(Weights weights, long channels, bool time) : base(nameof(Upsampler))
    {
        conv = new(weights.At("conv"), channels, stride: 1, border: 1);
        _time = time;
        RegisterComponents();
    }

    /// <summary>Frames are doubled after the convolution, which treats each alone: half the work of the reference's order, the same numbers.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long[] shape = x.shape;
        var large = conv.forward(nn.functional.interpolate(x, [shape[2], 2 * shape[3], 2 * shape[4]], mode: InterpolationMode.Nearest));
        return (_time && shape[2] > 1 ? DoubleTime(large) : large).MoveToOuterDisposeScope();
    }

    private static Tensor DoubleTime(Tensor x)
    {
        var odd = x.shape[2] % 2;
        var twice = x.narrow(2, odd, x.shape[2] - odd).repeat_interleave(2, 2);
        return odd == 0 ? twice : cat([x.narrow(2, 0, 1), twice], 2);
    }
}
