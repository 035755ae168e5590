using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training.Kernels;

/// <summary>How heads lie in memory.</summary>
/// <param name="Shared">Key-value heads, K.</param>
/// <param name="Groups">Query heads of each, G.</param>
/// <param name="Dim">Width of a head, D; even.</param>
internal readonly record struct HeadLayout(int Shared, int Groups, int Dim)
{
    /// <summary>Columns of a token's queries, keys and values side by side.</summary>
    public int Columns => Shared * (Groups + 2) * Dim;

    /// <summary>Heads of queries and keys: those that positions turn, the first of a token's columns.</summary>
    public int Turned => Shared * (Groups + 1);
}

/// <summary>Splits the joint product of queries, keys and values into heads and turns queries and keys by their position, and back.</summary>
/// <remarks>Half-split rotary layout: (x1, x2) → (x1 cos − x2 sin, x2 cos + x1 sin). Going back turns by the opposite angle.</remarks>
internal static class RotaryKernel
{
    /// <param name="joint">[T, columns].</param>
    /// <param name="angles">cos and sin, float32 [T, D/2] each.</param>
    /// <param name="heads">The layout.</param>
    /// <returns>Queries [K, T, G, D]; keys and values [K, T, D].</returns>
    public static (Tensor Queries, Tensor Keys, Tensor Values) Split(Tensor joint, (Tensor Cos, Tensor Sin) angles, HeadLayout heads)
    {
        var length = joint.shape[0];
        var (q, k, v) = Room(length, heads, joint.dtype, joint.device);
        if (!TensorRows.Supports(joint))
        {
            Composed(joint, (q, k, v), angles, heads);
            return (q, k, v);
        }
        TensorRows from = TensorRows.Of(joint), queries = TensorRows.Of(q), keys = TensorRows.Of(k), values = TensorRows.Of(v);
        var turn = new Turn(angles, heads.Dim, 1);
        Workers.Run(length, heads.Columns, (_, first, last) =>
        {
            var row = new float[heads.Columns];
            for (var t = first; t < last; t++)
            {
                from.Read(t, row);
                turn.Apply(t, row, heads.Turned);
                var at = 0;
                Span<float> Next() => row.AsSpan(heads.Dim * at++, heads.Dim);
                for (var i = 0; i < heads.Shared * heads.Groups; i++)
                    queries.Write((i / heads.Groups * length + t) * heads.Groups + i % heads.Groups, Next());
                for (var i = 0; i < heads.Shared; i++)
                    keys.Write(i * length + t, Next());
                for (var i = 0; i < heads.Shared; i++)
                    values.Write(i * length + t, Next());
            }
        });
        return (q, k, v);
    }

    /// <summary>Gradients of heads as the gradient of the joint product.</summary>
    /// <param name="parts">Shaped as what <see cref="Split"/> returned; types may differ.</param>
    /// <param name="angles">As there.</param>
    /// <param name="heads">The layout.</param>
    /// <param name="type">Of the result.</param>
    /// <returns>[T, columns].</returns>
    public static Tensor Join((Tensor Queries, Tensor Keys, Tensor Values) parts, (Tensor Cos, Tensor Sin) angles, HeadLayout heads, ScalarType type)
    {
        var length = parts.Keys.shape[1];
        if (!TensorRows.Supports(parts.Keys))
            return ComposedJoin(parts, angles, heads, type);
        var joint = empty([length, heads.Columns], dtype: type);
        TensorRows into = TensorRows.Of(joint), queries = TensorRows.Of(parts.Queries), keys = TensorRows.Of(parts.Keys), values = TensorRows.Of(parts.Values);
        var turn = new Turn(angles, heads.Dim, -1);
        Workers.Run(length, heads.Columns, (_, first, last) =>
        {
            var row = new float[heads.Columns];
            for (var t = first; t < last; t++)
            {
                var at = 0;
                Span<float> Next() => row.AsSpan(heads.Dim * at++, heads.Dim);
                for (var i = 0; i < heads.Shared * heads.Groups; i++)
                    queries.Read((i / heads.Groups * length + t) * heads.Groups + i % heads.Groups, Next());
                for (var i = 0; i < heads.Shared; i++)
                    keys.Read(i * length + t, Next());
                for (var i = 0; i < heads.Shared; i++)
                    values.Read(i * length + t, Next());
                turn.Apply(t, row, heads.Turned);
                into.Write(t, row);
            }
        });
        return joint;
    }

    private static (Tensor, Tensor, Tensor) Room(long length, HeadLayout heads, ScalarType type, Device device) =>
        (empty([heads.Shared, length, heads.Groups, heads.Dim], dtype: type, device: device),
         empty([heads.Shared, length, heads.Dim], dtype: type, device: device),
         empty([heads.Shared, length, heads.Dim], dtype: type, device: device));

    internal static void Composed(Tensor joint, (Tensor Queries, Tensor Keys, Tensor Values) into, (Tensor Cos, Tensor Sin) angles, HeadLayout heads)
    {
        using var scope = NewDisposeScope();
        var all = joint.view(joint.shape[0], heads.Shared * (heads.Groups + 2), heads.Dim);
        var turned = Turned(all, angles, 1);
        into.Queries.copy_(turned.narrow(1, 0, heads.Shared * heads.Groups).view(-1, heads.Shared, heads.Groups, heads.Dim).transpose(0, 1));
        into.Keys.copy_(turned.narrow(1, heads.Shared * heads.Groups, heads.Shared).transpose(0, 1));
        into.Values.copy_(all.narrow(1, heads.Shared * (heads.Groups + 1), heads.Shared).transpose(0, 1));
    }

    internal static Tensor ComposedJoin((Tensor Queries, Tensor Keys, Tensor Values) parts, (Tensor Cos, Tensor Sin) angles, HeadLayout heads, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var length = parts.Keys.shape[1];
        var queries = Turned(parts.Queries.transpose(0, 1).reshape(length, -1, heads.Dim), angles, -1);
        var keys = Turned(parts.Keys.transpose(0, 1), angles, -1);
        return cat([queries.to(type), keys.to(type), parts.Values.transpose(0, 1).to(type)], 1).view(length, -1).MoveToOuterDisposeScope();
    }

    private static Tensor Turned(Tensor x, (Tensor Cos, Tensor Sin) angles, int direction)
    {
        var half = x.shape[2] / 2;
        var (first, second) = (x.narrow(2, 0, half).to(ScalarType.Float32), x.narrow(2, half, half).to(ScalarType.Float32));
        var (cos, sin) = (angles.Cos.unsqueeze(1), angles.Sin.unsqueeze(1).Times(direction));
        return cat([first.mul(cos).Minus(second.mul(sin)), second.mul(cos).Plus(first.mul(sin))], 2);
    }

    /// <summary>Turns heads of one token.</summary>
    private readonly struct Turn((Tensor Cos, Tensor Sin) angles, int dim, float direction)
    {
        private readonly float[] _cos = TensorRows.Numbers(angles.Cos), _sin = TensorRows.Numbers(angles.Sin);
        private readonly int _half = dim / 2;

        /// <param name="token">Whose angles.</param>
        /// <param name="row">Heads one after the other.</param>
        /// <param name="heads">So many of them, from the first on.</param>
        [MethodImpl(Workers.Hot)]
        public void Apply(long token, float[] row, int heads)
        {
            for (var head = 0; head < heads; head++)
            {
                var (near, angle, at) = (head * 2 * _half, (int)token * _half, 0);
                for (; at + RowVectors.Count <= _half; at += RowVectors.Count)
                {
                    Vector512<float> cos = _cos.From(angle + at), sin = _sin.From(angle + at) * direction, first = row.From(near + at), second = row.From(near + _half + at);
                    (first * cos - second * sin).To(row, near + at);
                    (second * cos + first * sin).To(row, near + _half + at);
                }
                for (; at < _half; at++)
                {
                    var (cos, sin, first, second) = (_cos[angle + at], _sin[angle + at] * direction, row[near + at], row[near + _half + at]);
                    row[near + at] = first * cos - second * sin;
                    row[near + _half + at] = second * cos + first * sin;
                }
            }
        }
    }
}
