using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.UsualStack;

/// <summary>A CogVideoX transformer as diffusers writes it, operation for operation, with libtorch's fused attention.</summary>
internal sealed class PlainVideoBlock(CogVideoXTransformer model)
{
    private readonly Dictionary<string, Tensor> _weights = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
    private readonly TransformerConfig _config = model.Config;

    /// <summary>One block over text [1, T, d] and video [1, N, d]; returns the video.</summary>
    public Tensor Run(Tensor text, Tensor video, Tensor condition)
    {
        using var scope = NewDisposeScope();
        const string name = "transformer_blocks.0.";
        var length = text.shape[1];
        var (t, v, gate, textGate) = Norm(name + "norm1", text, video, condition);
        var attended = Attend(name + "attn1.", cat([t, v], 1));
        video = video + gate * attended[.., (int)length..];
        text = text + textGate * attended[.., ..(int)length];
        (t, v, gate, textGate) = Norm(name + "norm2", text, video, condition);
        var inner = nn.functional.gelu(Linear(name + "ff.net.0.proj", cat([t, v], 1)), TorchSharp.Modules.GELU.Approximate.tanh);
        var forward = Linear(name + "ff.net.2", inner);
        _ = text + textGate * forward[.., ..(int)length];
        return (video + gate * forward[.., (int)length..]).MoveToOuterDisposeScope();
    }

    private Tensor Linear(string name, Tensor x) => nn.functional.linear(x, _weights[name + ".weight"], _weights[name + ".bias"]);

    private Tensor LayerNorm(string name, Tensor x, double epsilon) => nn.functional.layer_norm(x, [x.shape[^1]], _weights[name + ".weight"], _weights[name + ".bias"], epsilon);

    private (Tensor Text, Tensor Video, Tensor Gate, Tensor TextGate) Norm(string name, Tensor text, Tensor video, Tensor condition)
    {
        var p = Linear(name + ".linear", nn.functional.silu(condition)).chunk(6, 1);
        Tensor At(int i) => p[i].unsqueeze(1);
        return (LayerNorm(name + ".norm", text, 1e-5) * (1 + At(4)) + At(3), LayerNorm(name + ".norm", video, 1e-5) * (1 + At(1)) + At(0), At(2), At(5));
    }

    private Tensor Attend(string name, Tensor x)
    {
        Tensor Heads(Tensor y) => y.view(1, -1, _config.Heads, _config.HeadDim).transpose(1, 2);
        var q = LayerNorm(name + "norm_q", Heads(Linear(name + "to_q", x)), 1e-6);
        var k = LayerNorm(name + "norm_k", Heads(Linear(name + "to_k", x)), 1e-6);
        var mixed = nn.functional.scaled_dot_product_attention(q, k, Heads(Linear(name + "to_v", x)));
        return Linear(name + "to_out.0", mixed.transpose(1, 2).reshape(1, -1, _config.Width));
    }
}
