using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>How a parameter starts when no checkpoint gives it.</summary>
/// <param name="Mean">The centre.</param>
/// <param name="Spread">Standard deviation of a normal distribution; 0 gives a constant.</param>
public readonly record struct Initialization(double Mean, double Spread)
{
    /// <summary>All zeros: biases, gates.</summary>
    public static Initialization Zeros { get; } = new(0, 0);

    /// <summary>All ones: weights of norms.</summary>
    public static Initialization Ones { get; } = new(1, 0);

    /// <summary>Normal around 0. The default of LLaMA is 0.02.</summary>
    public static Initialization Normal(double spread = 0.02) => new(0, spread);

    /// <summary>Normal with the variance of PyTorch's default for linear and convolution layers, 1/(3·inputs per output).</summary>
    public static Initialization FanIn(long inputs) => new(0, Math.Sqrt(1.0 / (3 * inputs)));

    internal Tensor Create(long[] shape, Generator generator)
    {
        using var scope = NewDisposeScope();
        var value = Spread == 0 ? zeros(shape) : randn(shape, generator: generator).TimesInPlace(Spread);
        return (Mean == 0 ? value : value.Plus(Mean)).MoveToOuterDisposeScope();
    }
}
