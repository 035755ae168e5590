using CsCheck;
using TorchSharp;
using Vpo.Models.Decoding;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Decoding;

public sealed unsafe class KernelTests
{
    private static readonly Gen<(int Outputs, int Inputs, int Rows, int Seed)> Sizes =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 200], Gen.Int[1, 11], Gen.Int[0, 1000]);

    private static readonly Gen<(int Outputs, int Inputs, int Rows, int Seed)> LibrarySizes =
        Gen.Select(Gen.Int[4, 60], Gen.Int[256, 700], Gen.Int[1, 40], Gen.Int[0, 1000]);

    private static float[,] Multiply(Tensor weight, Tensor x, WeightType type, bool forLibrary = false)
    {
        using var matrix = new WeightMatrix(weight, type);
        using var inputs = new Activations(type);
        var (outputs, rows) = ((int)weight.shape[0], (int)x.shape[0]);
        inputs.Shape(rows, (int)x.shape[1], forLibrary);
        for (var row = 0; row < rows; row++)
            inputs.Set(row, x[row].data<float>().ToArray());
        var y = new float[rows, outputs];
        fixed (float* at = y)
            matrix.Multiply(inputs, 0, outputs, at, outputs);
        return y;
    }

    private static void AssertNear(Tensor expected, float[,] found, double tolerance)
    {
        var (rows, columns) = (found.GetLength(0), found.GetLength(1));
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                Assert.Equal(expected[row, column].item<float>(), found[row, column], tolerance);
        }
    }

    [Theory]
    [InlineData(WeightType.Float32, false, 1e-5)]
    [InlineData(WeightType.BFloat16, false, 0.04)]
    [InlineData(WeightType.BFloat16, true, 0.04)]
    [InlineData(WeightType.Int8, false, 0.06)]
    public void Multiply_AnySizes_IsTheProduct(WeightType type, bool forLibrary, double relative) => Sizes.Sample(size =>
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size.Seed);
        var (w, x) = (randn([size.Outputs, size.Inputs], generator: generator), randn([size.Rows, size.Inputs], generator: generator));
        AssertNear(x.mm(w.t()), Multiply(w, x, type, forLibrary), relative * Math.Sqrt(size.Inputs));   // rounding errors of normal numbers add up like their sum
    }, iter: 60, threads: 1);

    [Theory]
    [InlineData(WeightType.Float32, false)]
    [InlineData(WeightType.BFloat16, false)]
    [InlineData(WeightType.BFloat16, true)]
    [InlineData(WeightType.Int8, false)]
    public void Multiply_RowAloneOrAmongOthers_GivesTheSameBits(WeightType type, bool forLibrary) => (forLibrary ? LibrarySizes : Sizes).Sample(size =>
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)size.Seed);
        var (w, x) = (randn([size.Outputs, size.Inputs], generator: generator), randn([size.Rows, size.Inputs], generator: generator));
        var together = Multiply(w, x, type, forLibrary);
        for (var row = 0; row < size.Rows; row++)
        {
            var alone = Multiply(w, x[row].unsqueeze(0), type, forLibrary);
            for (var i = 0; i < size.Outputs; i++)
                Assert.Equal(alone[0, i], together[row, i]);
        }
    }, iter: 30, threads: 1);

    [Fact]
    public void Multiply_LargestNumbers_DoNotOverflowInt8Sums()
    {
        using var scope = NewDisposeScope();
        const int Width = 20_000;
        var found = Multiply(ones(2, Width).mul(tensor(3f)), ones(1, Width), WeightType.Int8);
        Assert.Equal(3.0 * Width, found[0, 1], 3.0);
    }

    [Theory]
    [InlineData(WeightType.Float32)]
    [InlineData(WeightType.BFloat16)]
    [InlineData(WeightType.Int8)]
    public void Multiply_NotANumber_StaysOne(WeightType type)
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 40);
        x[0, 7] = float.NaN;
        var found = Multiply(ones(5, 40), x, type);
        Assert.True(float.IsNaN(found[0, 3]));
        Assert.Equal(40, found[1, 3], 0.5);
    }

    [Fact]
    public void Round_AnyNumbers_RoundsAsLibtorch() => Gen.Float.Array[1, 70].Sample(values =>
    {
        using var scope = NewDisposeScope();
        var expected = tensor(values).to(ScalarType.BFloat16).to(ScalarType.Float32).data<float>().ToArray();
        var halves = new ushort[values.Length];
        Activations.Round(values, halves);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(expected[i], BitConverter.UInt32BitsToSingle((uint)halves[i] << 16));
    }, iter: 300, threads: 1);
}
