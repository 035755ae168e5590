using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>
/// Group norm, steering by the latents and silu in two passes over memory, for bfloat16 on CPUs with 512-bit vectors; as operations of libtorch they are seven, on the largest
/// tensors of all. Arithmetic is float32, rounded once.
/// </summary>
/// <remarks>Inference only. Latents are enlarged by nearest neighbour, which here means to read the same number again.</remarks>
internal static class FusedSpatialNorm
{
    private const long LargestSpan = 1L << 30;

    /// <summary>Whether it applies: bfloat16 on the CPU, no gradient, and sizes that are whole multiples of the latents'.</summary>
    public static bool Fits(Tensor x, Tensor latents) => Vector512.IsHardwareAccelerated && !is_grad_enabled()
        && x.dtype == ScalarType.BFloat16 && x.device.type == TorchSharp.DeviceType.CPU && x.numel() < LargestSpan
        && x.shape[3] % latents.shape[3] == 0 && x.shape[4] % latents.shape[4] == 0;

    /// <param name="x">[B, C, F, H, W].</param>
    /// <param name="norm">Weight and bias [C] of the norm, its groups and its epsilon.</param>
    /// <param name="factor">What multiplies, [B, C, f, h, w].</param>
    /// <param name="offset">What is added, of the same shape.</param>
    /// <returns>silu(norm(x) · factor + offset).</returns>
    public static Tensor Apply(Tensor x, (Tensor Weight, Tensor Bias, long Groups, double Epsilon) norm, Tensor factor, Tensor offset)
    {
        using var scope = NewDisposeScope();
        var result = empty(x.shape, dtype: x.dtype);
        float[] Floats(Tensor tensor) => tensor.to(ScalarType.Float32).data<float>().ToArray();
        var run = new Run(x.contiguous(), factor.contiguous(), offset.contiguous(), result)
        {
            Weight = Floats(norm.Weight),
            Bias = Floats(norm.Bias),
            PerGroup = (int)(x.shape[1] / norm.Groups),
            Epsilon = norm.Epsilon,
        };
        Parallel.For(0, (int)(x.shape[0] * norm.Groups), new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, get_num_threads()) }, run.Group);
        return result.MoveToOuterDisposeScope();
    }

    private sealed class Run(Tensor x, Tensor factor, Tensor offset, Tensor result)
    {
        private readonly int _channels = (int)x.shape[1], _frames = (int)x.shape[2], _rows = (int)x.shape[3], _width = (int)x.shape[4];
        private readonly int _smallFrames = (int)factor.shape[2], _smallRows = (int)factor.shape[3], _smallWidth = (int)factor.shape[4];

        public required float[] Weight { get; init; }

        public required float[] Bias { get; init; }

        public required int PerGroup { get; init; }

        public required double Epsilon { get; init; }

        /// <summary>One group of one video; its channels lie one after another.</summary>
        public void Group(int group)
        {
            var size = _frames * _rows * _width;
            var values = Numbers(x).Slice(group * PerGroup * size, PerGroup * size);
            var (sum, squares) = BrainFloats.Moments(values);
            var mean = sum / values.Length;
            var spread = 1 / Math.Sqrt(squares / values.Length - mean * mean + Epsilon);
            var buffer = new float[2 * BrainFloats.RoundUp(_width)];
            for (var i = 0; i < PerGroup; i++)
            {
                var channel = (group * PerGroup + i) % _channels;
                var scale = (float)(Weight[channel] * spread);
                Channel(group * PerGroup + i, (scale, (float)(Bias[channel] - mean * Weight[channel] * spread)), buffer);
            }
        }

        private void Channel(int at, (float Scale, float Shift) affine, float[] buffer)
        {
            var (size, small, rowsPerSmall) = (_frames * _rows * _width, _smallFrames * _smallRows * _smallWidth, _rows / _smallRows);
            ReadOnlySpan<ushort> input = Numbers(x).Slice(at * size, size), factors = Numbers(factor).Slice(at * small, small), offsets = Numbers(offset).Slice(at * small, small);
            var output = Numbers(result).Slice(at * size, size);
            var half = buffer.Length / 2;
            for (var frame = 0; frame < _frames; frame++)
            {
                for (var row = 0; row < _rows; row++)
                {
                    if (row % rowsPerSmall == 0)
                    {
                        var place = (FrameOf(frame) * _smallRows + row / rowsPerSmall) * _smallWidth;
                        BrainFloats.Repeat(factors.Slice(place, _smallWidth), buffer.AsSpan(0, _width));
                        BrainFloats.Repeat(offsets.Slice(place, _smallWidth), buffer.AsSpan(half, _width));
                    }
                    var line = (frame * _rows + row) * _width;
                    BrainFloats.Steer(input.Slice(line, _width), output.Slice(line, _width), affine, buffer);
                }
            }
        }

        /// <summary>With an odd number of frames the first latent frame is the first frame's own.</summary>
        private int FrameOf(int frame)
        {
            if (_frames == 1 || _frames % 2 == 0)
                return frame * _smallFrames / _frames;
            return frame == 0 ? 0 : 1 + (frame - 1) * (_smallFrames - 1) / (_frames - 1);
        }

        private static Span<ushort> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, ushort>(tensor.bytes);
    }
}
