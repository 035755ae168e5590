using BenchmarkDotNet.Attributes;
using Vpo.Benchmarks.Training;
using Vpo.Training.Kernels;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Vpo.Benchmarks.Kernels;

/// <summary>The head with its loss, forward and backward, 2,048 tokens: all logits in float32 against ours.</summary>
public class HeadBenchmarks : KernelBenchmarks
{
    private Workload _plain = null!, _ours = null!;

    [Benchmark(Baseline = true)]
    public void Plain() => _plain.Run();

    [Benchmark]
    public void Ours() => _ours.Run();

    protected override void Prepare() => (_plain, _ours) = (Keep(HeadSpeed.Plain(Type)), Keep(HeadSpeed.Ours(Type, null)));
}

/// <summary>Log-probabilities from 160 rows of logits, and their gradient.</summary>
public class VocabularyBenchmarks : KernelBenchmarks
{
    private Tensor _logits = null!, _targets = null!, _upstream = null!;

    [Benchmark(Baseline = true)]
    public void Composed() => Once(() => VocabularyKernel.ComposedDifferentiate(_logits, _targets, VocabularyKernel.Composed(_logits, _targets).select(0, VocabularyKernel.Normaliser), _upstream));

    [Benchmark]
    public void Ours() => Once(() => VocabularyKernel.Differentiate(_logits, _targets, VocabularyKernel.Score(_logits, _targets).select(0, VocabularyKernel.Normaliser), _upstream));

    protected override void Prepare()
    {
        _logits = Random(160, 49152);
        _targets = Keep(randint(0, 49152, [160], dtype: int64)).DetachFromDisposeScope();
        _upstream = Keep(rand(160)).DetachFromDisposeScope();
    }
}

/// <summary>One update of four layers' parameters (14 million numbers): tensor by tensor, and in one call.</summary>
public class AdamWBenchmarks : KernelBenchmarks
{
    private TrainedParameters _parameters = null!;
    private AdamW _plain = null!, _fused = null!;

    [Benchmark(Baseline = true)]
    public void Plain() => _plain.Step(1e-6);

    [Benchmark]
    public void Fused() => _fused.Step(1e-6);

    [Benchmark]
    public void ClipAndZero()
    {
        _parameters.Clip(1);
        _parameters.ZeroGradients();
    }

    protected override void Prepare()
    {
        List<(string, Parameter)> all = [.. Enumerable.Range(0, 4).SelectMany(i => new[] { (960, 576), (576, 576), (3072, 576), (576, 1536) }.Select((s, j) => ($"{i}.{j}.weight", Own(s))))];
        _parameters = Keep(new TrainedParameters(all));
        (_plain, _fused) = (Keep(new AdamW(_parameters, new() { Fused = false })), Keep(new AdamW(_parameters)));
        foreach (var gradient in _parameters.Gradients)
            gradient.fill_(1e-3);
    }

    private Parameter Own((long, long) shape)
    {
        var parameter = Keep(new Parameter(randn(shape.Item1, shape.Item2).to(Type)));
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
