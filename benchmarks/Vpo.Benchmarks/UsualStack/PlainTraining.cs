using Vpo.Models.Llama;
using Vpo.Training;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.UsualStack;

/// <summary>
/// DPO as it is usually written, for comparison: padded chosen and rejected rows concatenated, logits of every position in float32,
/// log-softmax and gather, eager attention with a mask, a reference model run in every step, an optimizer that goes from tensor to tensor.
/// </summary>
internal sealed class PlainTraining : IDisposable
{
    private readonly LlamaConfig _config;
    private readonly ScalarType _compute;
    private readonly Dictionary<string, Tensor> _policy, _reference;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = [];
    private readonly Tensor _inverse;
    private int _steps;

    /// <param name="model">The start; is copied, in float32.</param>
    /// <param name="compute">Type of the products, cast around each of them as autocast does; the reference's weights are kept in it.</param>
    public PlainTraining(LlamaModel model, ScalarType compute)
    {
        (_config, _compute) = (model.Config, compute);
        _policy = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(float32, copy: true).requires_grad_());
        _reference = _policy.ToDictionary(entry => entry.Key, entry => entry.Value.detach().to(compute, copy: true));
        using var powers = arange(0, _config.HeadDim, 2).to(float32) / _config.HeadDim;
        _inverse = 1.0 / pow(tensor(_config.RopeTheta), powers);
    }

    /// <summary>One step of DPO.</summary>
    /// <returns>The loss.</returns>
    public double Step(IReadOnlyList<PreferenceExample> pairs, double beta = 0.1)
    {
        using var scope = NewDisposeScope();
        var (ids, mask) = Rows([.. pairs.Select(p => p.ChosenRow), .. pairs.Select(p => p.RejectedRow)]);
        Tensor fixedOnes;
        using (no_grad())
            fixedOnes = LogProbs(_reference, ids, mask);
        var ratios = LogProbs(_policy, ids, mask) - fixedOnes;
        var loss = -nn.functional.logsigmoid(beta * (ratios[..pairs.Count] - ratios[pairs.Count..])).mean();
        return Update(loss);
    }

    /// <summary>One step of supervised fine-tuning.</summary>
    public double Step(IReadOnlyList<TokenizedExample> rows)
    {
        using var scope = NewDisposeScope();
        var (ids, mask) = Rows(rows);
        return Update(-LogProbs(_policy, ids, mask).sum() / mask.sum());
    }

    public void Dispose()
    {
        foreach (var tensor in _policy.Values.Concat(_reference.Values).Concat(_moments.Values.SelectMany(m => new[] { m.First, m.Second })).Append(_inverse))
            tensor.Dispose();
    }

    private static (Tensor Ids, Tensor Mask) Rows(IReadOnlyList<TokenizedExample> rows)
    {
        var width = rows.Max(r => r.Prompt.Length + r.Completion.Length);
        var (ids, mask) = (new long[rows.Count * width], new float[rows.Count * (width - 1)]);
        for (var row = 0; row < rows.Count; row++)
        {
            var (prompt, completion) = (rows[row].Prompt, rows[row].Completion);
            for (var i = 0; i < prompt.Length + completion.Length; i++)
                ids[row * width + i] = i < prompt.Length ? prompt[i] : completion[i - prompt.Length];
            mask.AsSpan(row * (width - 1) + prompt.Length - 1, completion.Length).Fill(1);
        }
        return (tensor(ids, [rows.Count, width]), tensor(mask, [rows.Count, width - 1]));
    }

    private Tensor LogProbs(Dictionary<string, Tensor> weights, Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        Tensor tokens;
        using (var inner = NewDisposeScope())
            tokens = Wide(weights, ids).log_softmax(-1).gather(2, ids[.., 1..].unsqueeze(2)).squeeze(2).MoveToOuterDisposeScope();
        return (tokens * mask).sum(1).MoveToOuterDisposeScope();
    }

    private Tensor Wide(Dictionary<string, Tensor> weights, Tensor ids)
    {
        using var scope = NewDisposeScope();
        return Forward(weights, ids)[.., ..^1].to(float32).MoveToOuterDisposeScope();
    }

    // Scopes end where Python's variables do, so that no more is alive than there.
    private Tensor Forward(Dictionary<string, Tensor> weights, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (ids.shape[0], ids.shape[1]);
        var angles = outer(arange(length).to(float32), _inverse);
        var shared = (cat([angles, angles], -1).cos().to(_compute), cat([angles, angles], -1).sin().to(_compute), ones(length, length, dtype: ScalarType.Bool).triu(1).to(float32) * -1e30);
        var x = weights["model.embed_tokens.weight"].index_select(0, ids.reshape(-1)).view(batch, length, -1);
        for (var i = 0; i < _config.Layers; i++)
        {
            using var inner = NewDisposeScope();
            var (name, below) = ($"model.layers.{i}.", x);
            var attended = below + Attend(weights, Norm(weights, below, name + "input_layernorm.weight"), name + "self_attn.", shared);
            x = (attended + Unit(weights, Norm(weights, attended, name + "post_attention_layernorm.weight"), name + "mlp.")).MoveToOuterDisposeScope();
            below.Dispose();
        }
        return Product(weights, Norm(weights, x, "model.norm.weight"), weights.ContainsKey("lm_head.weight") ? "lm_head.weight" : "model.embed_tokens.weight").MoveToOuterDisposeScope();
    }

    private Tensor Product(Dictionary<string, Tensor> weights, Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        return nn.functional.linear(x.to(_compute), weights[name].to(_compute)).MoveToOuterDisposeScope();
    }

    private Tensor Norm(Dictionary<string, Tensor> weights, Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        var f = x.to(float32);
        return (weights[name] * (f * rsqrt(f.pow(2).mean([-1], keepdim: true) + _config.NormEpsilon)).to(x.dtype)).MoveToOuterDisposeScope();
    }

    private Tensor Unit(Dictionary<string, Tensor> weights, Tensor x, string name)
    {
        using var scope = NewDisposeScope();
        return Product(weights, nn.functional.silu(Product(weights, x, name + "gate_proj.weight")) * Product(weights, x, name + "up_proj.weight"), name + "down_proj.weight").MoveToOuterDisposeScope();
    }

    private Tensor Attend(Dictionary<string, Tensor> weights, Tensor x, string name, (Tensor Cos, Tensor Sin, Tensor Ahead) shared)
    {
        using var scope = NewDisposeScope();
        var (batch, length) = (x.shape[0], x.shape[1]);
        Tensor Heads(string part, long heads) => Product(weights, x, name + part + ".weight").view(batch, length, heads, _config.HeadDim).transpose(1, 2);
        var groups = _config.Heads / _config.KeyValueHeads;
        Tensor q = Turn(Heads("q_proj", _config.Heads), shared.Cos, shared.Sin), k = Turn(Heads("k_proj", _config.KeyValueHeads), shared.Cos, shared.Sin), v = Heads("v_proj", _config.KeyValueHeads);
        (k, v) = (k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1));
        Tensor weightsOfKeys;
        using (var inner = NewDisposeScope())
            weightsOfKeys = (q.matmul(k.transpose(2, 3)) / Math.Sqrt(_config.HeadDim) + shared.Ahead.to(_compute)).softmax(-1, float32).to(_compute).MoveToOuterDisposeScope();
        return Product(weights, weightsOfKeys.matmul(v).transpose(1, 2).reshape(batch, length, -1), name + "o_proj.weight").MoveToOuterDisposeScope();
    }

    private static Tensor Turn(Tensor x, Tensor cos, Tensor sin)
    {
        using var scope = NewDisposeScope();
        var half = (int)(x.shape[^1] / 2);
        return (x * cos + cat([-x[.., .., .., half..], x[.., .., .., ..half]], -1) * sin).MoveToOuterDisposeScope();
    }

    private double Update(Tensor loss)
    {
        loss.backward();
        using var guard = no_grad();
        var norm = Math.Sqrt(_policy.Values.Sum(p => p.grad!.square().sum().item<float>()));
        var scale = Math.Min(1, 1 / (norm + 1e-6));
        _steps++;
        foreach (var (name, p) in _policy)
        {
            using var scope = NewDisposeScope();
            if (!_moments.TryGetValue(name, out var m))
                _moments[name] = m = (zeros_like(p).DetachFromDisposeScope(), zeros_like(p).DetachFromDisposeScope());
            var g = p.grad!.mul_(scale);
            m.First.mul_(0.9).add_(g, 0.1);
            m.Second.mul_(0.999).addcmul_(g, g, 0.001);
            p.addcdiv_(m.First, (m.Second / (1 - Math.Pow(0.999, _steps))).sqrt_().add_(1e-8), -1e-6 / (1 - Math.Pow(0.9, _steps)));
            g.zero_();
        }
        return loss.item<float>();
    }
}
