using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Models.Tensors;

/// <summary>
/// Arithmetic between tensors and numbers that is safe beside the garbage collector. TorchSharp's own operators make a
/// <see cref="Scalar"/> that may be finalised while the native call still reads it; here each Scalar is held until the call has returned.
/// </summary>
public static class Scalars
{
    /// <summary>The number 1, never collected.</summary>
    public static readonly Scalar One = 1.0.ToScalar();

    /// <summary>The number 0, never collected.</summary>
    public static readonly Scalar Zero = 0.0.ToScalar();

    /// <summary>Minus infinity, never collected.</summary>
    public static readonly Scalar NegativeInfinity = double.NegativeInfinity.ToScalar();

    private static readonly Scalar IntegerOne = 1L.ToScalar(), IntegerMinusOne = (-1L).ToScalar(), IntegerTwo = 2L.ToScalar();

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, IntegerOne);

    /// <summary>a − b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, IntegerMinusOne);

    /// <summary>a + number.</summary>
    public static Tensor Plus(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.add(scalar, IntegerOne);   // without alpha TorchSharp makes a Scalar of its own
    }

    /// <summary>a · number.</summary>
    public static Tensor Times(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.mul(scalar);
    }

    /// <summary>a += b, in place.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b) => a.add_(b, IntegerOne);

    /// <summary>a += number · b, in place.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b, double number)
    {
        using var scalar = number.ToScalar();
        return a.add_(b, scalar);
    }

    /// <summary>a += a whole number, in place; works for integer tensors too.</summary>
    public static Tensor PlusInPlace(this Tensor a, long number)
    {
        using var scalar = number.ToScalar();
        return a.add_(scalar, IntegerOne);
    }

    /// <summary>a ·= number, in place.</summary>
    public static Tensor TimesInPlace(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.mul_(scalar);
    }

    /// <summary>a², element by element.</summary>
    public static Tensor Squared(this Tensor a) => a.pow(IntegerTwo);

    /// <summary>The whole numbers from start up to, not including, end.</summary>
    public static Tensor Range(long start, long end, ScalarType type, Device? device = null)
    {
        using Scalar first = start.ToScalar(), stop = end.ToScalar();
        return arange(first, stop, IntegerOne, type, device);
    }

    /// <summary>a to the power of a number.</summary>
    public static Tensor Power(this Tensor a, double exponent)
    {
        using var scalar = exponent.ToScalar();
        return a.pow(scalar);
    }

    /// <summary>Limits each element to [low, high].</summary>
    public static Tensor Within(this Tensor a, double low, double high)
    {
        using Scalar min = low.ToScalar(), max = high.ToScalar();
        return a.clamp(min, max);
    }
}
