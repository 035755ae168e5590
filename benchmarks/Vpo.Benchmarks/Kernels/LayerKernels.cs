using BenchmarkDotNet.Attributes;
using Vpo.Training.Kernels;
using Vpo.Training.Passes;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Kernels;

/// <summary>The norm, forward and backward.</summary>
public class NormBenchmarks : KernelBenchmarks
{
    private Tensor _x = null!, _weight = null!, _gradient = null!;

    [Benchmark(Baseline = true)]
    public void Composed() => Once(() =>
    {
        RmsNormKernel.Composed(_x, _weight, 1e-5);
        RmsNormKernel.ComposedBackward(_gradient, _x, _weight, 1e-5, _gradient);
    });

    [Benchmark]
    public void Ours() => Once(() =>
    {
        RmsNormKernel.Forward(_x, _weight, 1e-5);
        RmsNormKernel.Backward(_gradient, _x, _weight, 1e-5, _gradient);
    });

    protected override void Prepare() => (_x, _weight, _gradient) = (Random(Tokens, 576), Random(576), Random(Tokens, 576));
}

/// <summary>Splitting into heads with rotary positions, and back.</summary>
public class RotaryBenchmarks : KernelBenchmarks
{
    private Tensor _joint = null!, _cos = null!, _sin = null!;

    [Benchmark(Baseline = true)]
    public void Composed() => Once(() =>
    {
        var into = (empty([Heads.Shared, Tokens, Heads.Groups, Heads.Dim], dtype: Type), empty([Heads.Shared, Tokens, Heads.Dim], dtype: Type), empty([Heads.Shared, Tokens, Heads.Dim], dtype: Type));
        RotaryKernel.Composed(_joint, into, (_cos, _sin), Heads);
        RotaryKernel.ComposedJoin(into, (_cos, _sin), Heads, Type);
    });

    [Benchmark]
    public void Ours() => Once(() => RotaryKernel.Join(RotaryKernel.Split(_joint, (_cos, _sin), Heads), (_cos, _sin), Heads, Type));

    protected override void Prepare()
    {
        _joint = Random(Tokens, Heads.Columns);
        var angles = rand(Tokens, Heads.Dim / 2);
        (_cos, _sin) = (Keep(angles.cos()).DetachFromDisposeScope(), Keep(angles.sin()).DetachFromDisposeScope());
    }
}

/// <summary>The gated unit (SwiGLU), forward and backward.</summary>
public class GatedUnitBenchmarks : KernelBenchmarks
{
    private Tensor _both = null!, _gradient = null!;

    [Benchmark(Baseline = true)]
    public void Composed() => Once(() =>
    {
        GatedUnitKernel.Composed(_both, 1536);
        GatedUnitKernel.ComposedBackward(_both.clone(), _gradient.clone(), 1536);
    });

    [Benchmark]
    public void Ours() => Once(() =>
    {
        GatedUnitKernel.Forward(_both);
        GatedUnitKernel.Backward(_both.clone(), _gradient.clone());
    });

    protected override void Prepare() => (_both, _gradient) = (Random(Tokens, 2 * 1536), Random(Tokens, 1536));
}

/// <summary>The causal softmax of a response's scores, forward and backward.</summary>
public class SoftmaxBenchmarks : KernelBenchmarks
{
    private const int Ancestors = 200, Length = 130;
    private readonly CausalSoftmaxKernel _kernel = new(Ancestors, Heads.Groups, 0.125f);
    private Tensor _scores = null!, _gradient = null!;

    [Benchmark(Baseline = true)]
    public void Composed() => Once(() =>
    {
        _kernel.Composed(_scores);
        _kernel.ComposedBackward(_scores, _gradient);
    });

    [Benchmark]
    public void Ours() => Once(() =>
    {
        _kernel.Forward(_scores);
        _kernel.Backward(_scores, _gradient);
    });

    protected override void Prepare() => (_scores, _gradient) = (Random(Heads.Shared, Length * Heads.Groups, Ancestors + Length), Random(Heads.Shared, Length * Heads.Groups, Ancestors + Length));
}

/// <summary>Attention over packed segments, forward and backward, against one masked product over all tokens.</summary>
public class AttentionBenchmarks : KernelBenchmarks
{
    private Tensor _q = null!, _k = null!, _v = null!, _gradient = null!, _hidden = null!;

    [Benchmark(Baseline = true)]
    public void Masked() => Once(() =>
    {
        var queries = _q.view(Heads.Shared, Tokens * Heads.Groups, Heads.Dim);
        var weights = (queries.bmm(_k.transpose(1, 2)) * 0.125 + _hidden).softmax(-1);
        weights.bmm(_v);
        var back = _gradient.view(Tokens, Heads.Shared, Heads.Groups, Heads.Dim).transpose(0, 1).reshape(Heads.Shared, -1, Heads.Dim);
        var gradient = back.bmm(_v.transpose(1, 2));
        var scores = (gradient - (gradient * weights).sum(-1, keepdim: true)) * weights * 0.125;
        scores.bmm(_k);
        scores.transpose(1, 2).bmm(queries);
        weights.transpose(1, 2).bmm(back);
    });

    [Benchmark]
    public void Ours() => Once(() =>
    {
        var (attention, weights) = (new SegmentAttention(Rows.Segments, Heads), new List<Tensor>());
        attention.Forward(_q, _k, _v, weights);
        attention.Backward(_gradient, _q, _k, _v, weights);
        weights.ForEach(w => w.Dispose());
    });

    protected override void Prepare()
    {
        (_q, _k, _v) = (Random(Heads.Shared, Tokens, Heads.Groups, Heads.Dim), Random(Heads.Shared, Tokens, Heads.Dim), Random(Heads.Shared, Tokens, Heads.Dim));
        _gradient = Random(Tokens, Heads.Shared * Heads.Groups * Heads.Dim);
        _hidden = Keep((ones(Tokens, Tokens).triu(1) * -1e30).to(Type).repeat_interleave(Heads.Groups, 0)).DetachFromDisposeScope();
    }
}

/// <summary>The four joint products of a layer, forward, backward and their matrices' gradients.</summary>
public class ProductBenchmarks : KernelBenchmarks
{
    private TorchSharp.Modules.Parameter _matrix = null!;
    private Tensor _x = null!, _gradient = null!, _narrow = null!;

    [Benchmark(Baseline = true)]
    public void ProductsAlone() => Once(() =>
    {
        _x.mm(_narrow.t());
        _gradient.mm(_narrow);
        _gradient.t().mm(_x);
    });

    [Benchmark]
    public void WithCastsAndSums() => Once(() =>
    {
        _x.mm(Casts.Joined(Type, _matrix).t());
        _gradient.mm(Casts.Joined(Type, _matrix));
        Products.AddGradient([_matrix], _gradient, _x);
    });

    protected override void Prepare()
    {
        _matrix = Keep(new TorchSharp.Modules.Parameter(randn(3072, 576)));
        _matrix.DetachFromDisposeScope();
        (_narrow, _x, _gradient) = (Random(3072, 576), Random(Tokens, 576), Random(Tokens, 3072));
        Products.GradientOf(_matrix).zero_();
    }
}
