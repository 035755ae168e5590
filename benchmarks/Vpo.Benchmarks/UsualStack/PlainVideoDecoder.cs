using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.UsualStack;

/// <summary>CogVideoX's decoder as diffusers writes it, operation for operation, for two latent frames (one chunk).</summary>
internal sealed class PlainVideoDecoder(CogVideoXAutoencoder model)
{
    private readonly Dictionary<string, Tensor> _weights = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
    private readonly AutoencoderConfig _config = model.Config;

    /// <param name="latents">[1, C, 2, h, w].</param>
    public Tensor Run(Tensor latents)
    {
        using var scope = NewDisposeScope();
        var x = Causal("decoder.conv_in", latents);
        for (var i = 0; i < 2; i++)
            x = Block($"decoder.mid_block.resnets.{i}", x, latents);
        for (var level = 0; level < _config.Widths.Count; level++)
        {
            for (var i = 0; i <= _config.LayersPerBlock; i++)
                x = Block($"decoder.up_blocks.{level}.resnets.{i}", x, latents);
            if (level < _config.Widths.Count - 1)
                x = Enlarge($"decoder.up_blocks.{level}.upsamplers.0.conv", x, level < 2);
        }
        return Causal("decoder.conv_out", nn.functional.silu(Norm("decoder.norm_out", x, latents))).MoveToOuterDisposeScope();
    }

    private Tensor Causal(string name, Tensor x)
    {
        using var scope = NewDisposeScope();
        var first = x[.., .., ..1];
        var joined = cat([first, first, x], 2);
        return nn.functional.conv3d(joined, _weights[name + ".conv.weight"], _weights[name + ".conv.bias"], padding: [0, 1, 1]).MoveToOuterDisposeScope();
    }

    private Tensor Block(string name, Tensor x, Tensor latents)
    {
        using var scope = NewDisposeScope();
        var h = Causal(name + ".conv1", nn.functional.silu(Norm(name + ".norm1", x, latents)));
        h = Causal(name + ".conv2", nn.functional.silu(Norm(name + ".norm2", h, latents)));
        if (_weights.TryGetValue(name + ".conv_shortcut.weight", out var shortcut))
            x = nn.functional.conv3d(x, shortcut, _weights[name + ".conv_shortcut.bias"]);
        return (h + x).MoveToOuterDisposeScope();
    }

    private Tensor Norm(string name, Tensor x, Tensor latents)
    {
        using var scope = NewDisposeScope();
        var z = nn.functional.interpolate(latents, x.shape[2..], mode: InterpolationMode.Nearest);
        Tensor Point(string part) => nn.functional.conv3d(z, _weights[$"{name}.{part}.conv.weight"], _weights[$"{name}.{part}.conv.bias"]);
        var normed = nn.functional.group_norm(x, _config.Groups, _weights[name + ".norm_layer.weight"], _weights[name + ".norm_layer.bias"], 1e-6);
        return (normed * Point("conv_y") + Point("conv_b")).MoveToOuterDisposeScope();
    }

    private Tensor Enlarge(string name, Tensor x, bool time)
    {
        using var scope = NewDisposeScope();
        var s = x.shape;
        var large = time
            ? nn.functional.interpolate(x, [2 * s[2], 2 * s[3], 2 * s[4]], mode: InterpolationMode.Nearest)
            : nn.functional.interpolate(x.permute(0, 2, 1, 3, 4).reshape(s[2], s[1], s[3], s[4]), [2 * s[3], 2 * s[4]], mode: InterpolationMode.Nearest).view(1, s[2], s[1], 2 * s[3], 2 * s[4]).permute(0, 2, 1, 3, 4);
        var frames = large.permute(0, 2, 1, 3, 4).reshape(-1, s[1], 2 * s[3], 2 * s[4]);
        var y = nn.functional.conv2d(frames, _weights[name + ".weight"], _weights[name + ".bias"], padding: [1, 1]);
        return y.view(1, large.shape[2], s[1], 2 * s[3], 2 * s[4]).permute(0, 2, 1, 3, 4).MoveToOuterDisposeScope();
    }
}
