using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Vpo.Models.Decoding;

/// <summary>softmax(q kᵀ) v for one token and the query heads that share one key-value head, up to four at a time, so that keys and values are read once for them.</summary>
internal static unsafe class HeadMixing
{
    private const int Together = 4;

    [ThreadStatic]
    private static PinnedBuffer<float>? _scores;

    /// <param name="shape">Of keys and values.</param>
    /// <param name="strand">The sequence.</param>
    /// <param name="place">Layer and key-value head.</param>
    /// <param name="seen">How many tokens the query sees.</param>
    /// <param name="heads">Scaled queries in; mixed values out, in their place: [groups, dim].</param>
    public static void Mix(KvShape shape, Strand strand, (int Layer, int Head) place, int seen, Span<float> heads)
    {
        var stride = (seen + VectorLanes.Count * 2 - 1) / VectorLanes.Count * VectorLanes.Count;   // the last block of a part writes whole lanes
        var scores = (_scores ??= new()).Ensure((long)Together * stride);
        fixed (float* q = heads)
        {
            for (int first = 0, groups = heads.Length / shape.Dim; first < groups; first += Together)
            {
                var count = Math.Min(Together, groups - first);
                if (shape.IsHalf)
                    Mix<ushort>(shape, strand, place, seen, new(q + first * shape.Dim, count, scores, stride));
                else
                    Mix<float>(shape, strand, place, seen, new(q + first * shape.Dim, count, scores, stride));
            }
        }
    }

    private readonly record struct Job(nint Heads, int Count, nint Scores, int Stride)
    {
        public Job(float* heads, int count, float* scores, int stride) : this((nint)heads, count, (nint)scores, stride) { }

        public float* Head(int i, int dim) => (float*)Heads + Math.Min(i, Count - 1) * dim;

        public float* Score(int i) => (float*)Scores + Math.Min(i, Count - 1) * Stride;
    }

    private static void Mix<T>(KvShape shape, Strand strand, (int Layer, int Head) place, int seen, Job job) where T : unmanaged
    {
        var from = 0;
        foreach (var part in strand.Parts)
        {
            var length = Math.Min(part.Length, seen - from);
            if (length <= 0)
                break;
            fixed (T* numbers = (T[])part.Segment.Numbers)
                Compare(shape, numbers + part.Segment.Keys(place.Layer, place.Head), length, from, job);
            from += length;
        }
        for (var i = 0; i < job.Count; i++)
            SoftMax(new(job.Score(i), seen));
        Gather<T>(shape, strand, place, seen, job);
    }

    private static void Compare<T>(KvShape shape, T* keys, int length, int from, Job job) where T : unmanaged
    {
        for (var token = 0; token < length; token += VectorLanes.Count)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            Four(job.Head(0, shape.Dim), job.Head(1, shape.Dim), job.Head(2, shape.Dim), job.Head(3, shape.Dim), keys + (nint)token * shape.Padded, VectorLanes.Count, shape.Dim, ref a, ref b, ref c, ref d);
            d.Store(job.Score(3) + from + token);   // a head that stands for a missing one writes first, and the same
            c.Store(job.Score(2) + from + token);
            b.Store(job.Score(1) + from + token);
            a.Store(job.Score(0) + from + token);
        }
    }

    private static void Gather<T>(KvShape shape, Strand strand, (int Layer, int Head) place, int seen, Job job) where T : unmanaged
    {
        for (var chunk = 0; chunk < shape.Padded; chunk += VectorLanes.Count)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            var from = 0;
            foreach (var part in strand.Parts)
            {
                var length = Math.Min(part.Length, seen - from);
                if (length <= 0)
                    break;
                fixed (T* numbers = (T[])part.Segment.Numbers)
                    Four(job.Score(0) + from, job.Score(1) + from, job.Score(2) + from, job.Score(3) + from, numbers + part.Segment.Values(place.Layer, place.Head) + chunk, shape.Padded, length, ref a, ref b, ref c, ref d);
                from += length;
            }
            var width = Math.Min(VectorLanes.Count, shape.Dim - chunk);
            Write(d, job.Head(3, shape.Dim) + chunk, width);
            Write(c, job.Head(2, shape.Dim) + chunk, width);
            Write(b, job.Head(1, shape.Dim) + chunk, width);
            Write(a, job.Head(0, shape.Dim) + chunk, width);
        }
    }

    /// <summary>Four weighted sums of the same vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T>(float* wa, float* wb, float* wc, float* wd, T* vectors, nint stride, nint count,
        ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d) where T : unmanaged
    {
        Vector512<float> sa = a, sb = b, sc = c, sd = d;
        for (nint i = 0; i < count; i++)
        {
            var v = VectorLanes.Load(vectors + i * stride);
            sa = Vector512.FusedMultiplyAdd(Vector512.Create(wa[i]), v, sa);
            sb = Vector512.FusedMultiplyAdd(Vector512.Create(wb[i]), v, sb);
            sc = Vector512.FusedMultiplyAdd(Vector512.Create(wc[i]), v, sc);
            sd = Vector512.FusedMultiplyAdd(Vector512.Create(wd[i]), v, sd);
        }
        (a, b, c, d) = (sa, sb, sc, sd);
    }

    private static void SoftMax(Span<float> scores)
    {
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.Exp(scores, scores);
        TensorPrimitives.Divide(scores, VectorLanes.Sum(scores), scores);
    }

    private static void Write(Vector512<float> x, float* at, int width)
    {
        if (width == VectorLanes.Count)
            x.Store(at);
        else
        {
            for (var i = 0; i < width; i++)
                at[i] = x[i];
        }
    }
}
