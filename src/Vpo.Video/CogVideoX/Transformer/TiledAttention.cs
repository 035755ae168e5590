using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>
/// Exact attention for bfloat16 on CPUs with 512-bit vectors: matrix products on tiles that stay in the cache, with a softmax of this library in between. libtorch's fused kernel
/// multiplies in float32, several times slower than such a CPU's bfloat16 products.
/// </summary>
/// <remarks>Scores are rounded to bfloat16 before the softmax, whose arithmetic is float32; the measured error is in docs/experiments.md. Inference only: it records no gradient.</remarks>
internal static class TiledAttention
{
    private const int TileRows = 256;

    /// <summary>Whether it applies: bfloat16 on the CPU, no gradient, heads of whole vectors, and a processor for it.</summary>
    public static bool Fits(Tensor q) => Vector512.IsHardwareAccelerated && !is_grad_enabled()
        && q.dtype == ScalarType.BFloat16 && q.device.type == TorchSharp.DeviceType.CPU
        && q.shape[3] % BrainFloats.Lanes == 0;

    /// <param name="q">[B, heads, tokens, head size], already divided by √(head size).</param>
    /// <param name="k">Of the same shape.</param>
    /// <param name="v">Of the same shape.</param>
    /// <returns>[B, tokens, heads · head size].</returns>
    public static Tensor Apply(Tensor q, Tensor k, Tensor v)
    {
        long[] shape = q.shape;
        var result = empty([shape[0], shape[2], shape[1] * shape[3]], dtype: q.dtype);
        var jobs = new Jobs(q, k, v, result);
        var lanes = Math.Clamp(get_num_threads(), 1, (int)(shape[0] * shape[1]));
        if (lanes == 1)
            jobs.Work();
        else
            jobs.WorkOn(lanes);
        return result;
    }

    /// <summary>One job a head. Lanes are threads of their own, because a thread keeps the number of threads that its products use.</summary>
    private sealed class Jobs(Tensor q, Tensor k, Tensor v, Tensor result)
    {
        private readonly long _batch = q.shape[0], _heads = q.shape[1], _tokens = q.shape[2], _size = q.shape[3];
        private readonly int _threads = get_num_threads();
        private Exception? _failure;
        private long _next = -1;

        public void WorkOn(int lanes)
        {
            var threads = Enumerable.Range(0, lanes).Select(_ => new Thread(Guarded) { IsBackground = true }).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            set_num_threads(_threads);
            if (_failure is not null)
                throw new InvalidOperationException($"attention failed: {_failure.Message}", _failure);
        }

        public void Work()
        {
            using var quiet = no_grad();
            for (var job = Interlocked.Increment(ref _next); job < _batch * _heads; job = Interlocked.Increment(ref _next))
                Head(job / _heads, job % _heads);
        }

        private void Guarded()
        {
            try
            {
                set_num_threads(1);
                Work();
            }
            catch (Exception e) when (e is ExternalException or OutOfMemoryException or ArgumentException)
            {
                _failure = e;
            }
        }

        private void Head(long batch, long head)
        {
            using var scope = NewDisposeScope();
            Tensor Part(Tensor x) => x.select(0, batch).select(0, head);
            var (queries, keys, values) = (Part(q), Part(k).t(), Part(v));
            Span<float> sums = stackalloc float[TileRows];
            for (var row = 0L; row < _tokens; row += TileRows)
                Tile((queries, keys, values), (batch, head, row), sums[..(int)Math.Min(TileRows, _tokens - row)]);
        }

        private void Tile((Tensor Queries, Tensor Keys, Tensor Values) part, (long Batch, long Head, long Row) at, Span<float> sums)
        {
            using var scope = NewDisposeScope();
            var scores = part.Queries.narrow(0, at.Row, sums.Length).mm(part.Keys);
            var numbers = Numbers(scores);
            var width = (int)_tokens;
            for (var i = 0; i < sums.Length; i++)
                sums[i] = BrainFloats.ExpOfDifferenceToMax(numbers.Slice(i * width, width));
            var mixed = Numbers(scores.mm(part.Values));
            var size = (int)_size;
            var output = Numbers(result.select(0, at.Batch));
            for (var i = 0; i < sums.Length; i++)
                BrainFloats.Scale(mixed.Slice(i * size, size), output.Slice((int)(((at.Row + i) * _heads + at.Head) * _size), size), 1 / sums[i]);
        }

        private static Span<ushort> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, ushort>(tensor.bytes);
    }
}
