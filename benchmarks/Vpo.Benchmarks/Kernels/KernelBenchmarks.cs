using BenchmarkDotNet.Attributes;
using TorchSharp;
using Vpo.Benchmarks.Training;
using Vpo.Training;
using Vpo.Training.Kernels;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Kernels;

/// <summary>One kernel of training on the tensors of one layer of SmolLM2's shape, over VPO's pairs packed with shared prefixes: ours, and the same composed of libtorch's operations.</summary>
[InProcess, MemoryDiagnoser(false)]
public abstract class KernelBenchmarks
{
    private protected static readonly HeadLayout Heads = new(Shared: 3, Groups: 3, Dim: 64);

    private readonly List<IDisposable> _owned = [];

    /// <summary>Type of the tensors.</summary>
    [Params(ScalarType.Float32, ScalarType.BFloat16)]
    public ScalarType Type { get; set; }

    /// <summary>VPO's pairs.</summary>
    private protected static PackedRows Rows { get; } = PackedRows.Of(TrainingShapes.RowsOf("vpo"), RowLayout.SharedPrefix);

    /// <summary>Tokens of <see cref="Rows"/>.</summary>
    private protected static long Tokens => Rows.Ids.Length;

    [GlobalSetup]
    public void Setup()
    {
        using var scope = NewDisposeScope();
        Prepare();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _owned.ForEach(o => o.Dispose());
        _owned.Clear();
    }

    /// <summary>Makes the tensors.</summary>
    protected abstract void Prepare();

    /// <summary>Random numbers that live as long as the benchmark.</summary>
    protected Tensor Random(params long[] shape) => Keep(randn(shape).to(Type)).DetachFromDisposeScope();

    /// <summary>Lives as long as the benchmark.</summary>
    protected T Keep<T>(T value) where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }

    /// <summary>Runs without gradients, and frees what is made.</summary>
    private protected static void Once(Action body)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        body();
    }
}
