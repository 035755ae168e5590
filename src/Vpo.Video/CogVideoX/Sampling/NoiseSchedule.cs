using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>How much of a noisy sample is signal at each timestep: x_t = √ā_t x₀ + √(1 − ā_t) n. The table is float64.</summary>
public sealed class NoiseSchedule
{
    private readonly double[] _signal;

    /// <summary>Computes the table.</summary>
    public NoiseSchedule(NoiseScheduleConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _signal = Table(config);
    }

    /// <summary>The numbers it was built from.</summary>
    public NoiseScheduleConfig Config { get; }

    /// <summary>ā of every timestep.</summary>
    public ReadOnlySpan<double> Signal => _signal;

    /// <summary>ā after a step: of the timestep, or of the end of the run below 0.</summary>
    public double SignalAt(int timestep) => timestep >= 0 ? _signal[timestep] : Config.EndsClean ? 1 : _signal[0];

    /// <summary>The timestep that the step at <paramref name="timestep"/> leads to: a whole-number distance below, as diffusers computes it,
    /// which is not the next listed one where the number of steps does not divide that of training. Below 0: the end.</summary>
    public int Previous(int timestep, int steps) => timestep - Config.TrainTimesteps / steps;

    /// <summary>The timesteps of a run, greatest first.</summary>
    /// <param name="steps">1 to the number of training timesteps.</param>
    /// <exception cref="ArgumentException">The rounding of the reference gives this number of steps one more entry, below 0; the message names numbers that work.</exception>
    public IReadOnlyList<int> Timesteps(int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, Config.TrainTimesteps);
        var listed = List(steps);
        if (listed.Length == steps)
            return listed;
        var near = Enumerable.Range(1, Config.TrainTimesteps).Where(n => List(n).Length == n).OrderBy(n => Math.Abs(n - steps)).Take(2).Order();
        throw new ArgumentException($"{steps} steps do not divide the {Config.TrainTimesteps} training timesteps evenly (rounding gives {listed.Length} entries, the last below 0); try {string.Join(" or ", near)}.", nameof(steps));
    }

    /// <summary>√ā x₀ + √(1 − ā) n.</summary>
    /// <param name="clean">x₀, [B, ...].</param>
    /// <param name="noise">n, of the same shape.</param>
    /// <param name="timesteps">int64 [B].</param>
    /// <remarks>The table is cast to the type of <paramref name="clean"/> first, as in the reference; use float32, since bfloat16 rounds small noise to none.</remarks>
    public Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps) => Mix(clean, noise, timesteps, velocity: false);

    /// <summary>The velocity √ā n − √(1 − ā) x: the training target for x = x₀. With a predicted velocity for the noise and x_t for x, negated, the clean sample.</summary>
    public Tensor Velocity(Tensor clean, Tensor noise, Tensor timesteps) => Mix(clean, noise, timesteps, velocity: true);

    /// <summary>The clean sample that a velocity implies: √ā x_t − √(1 − ā) v.</summary>
    public Tensor Clean(Tensor sample, Tensor velocity, int timestep)
    {
        ArgumentNullException.ThrowIfNull(sample);
        using var scope = NewDisposeScope();
        var signal = SignalAt(timestep);
        return Part(Math.Sqrt(signal), sample).Minus(Part(Math.Sqrt(1 - signal), velocity)).MoveToOuterDisposeScope();
    }

    /// <summary>factor · x. With a half-precision x the factor is rounded to that type first, which is what the reference's order of operands does.</summary>
    internal static Tensor Part(double factor, Tensor x)
    {
        using var left = tensor(factor, ScalarType.Float64);
        return left.mul(x);
    }

    private Tensor Mix(Tensor clean, Tensor noise, Tensor timesteps, bool velocity)
    {
        ArgumentNullException.ThrowIfNull(clean);
        ArgumentNullException.ThrowIfNull(timesteps);
        using var scope = NewDisposeScope();
        long[] shape = [-1, .. Enumerable.Repeat(1L, (int)clean.dim() - 1)];
        var signal = tensor(_signal).to(clean.dtype, clean.device).index_select(0, timesteps).view(shape);
        var (root, rest) = (signal.sqrt(), signal.neg().Plus(1).sqrt());
        return (velocity ? root.mul(noise).Minus(rest.mul(clean)) : root.mul(clean).Plus(rest.mul(noise))).MoveToOuterDisposeScope();
    }

    private int[] List(int steps)
    {
        var train = Config.TrainTimesteps;
        static int Round(double x) => (int)Math.Round(x, MidpointRounding.ToEven);
        return Config.Spacing switch
        {
            TimestepSpacing.Leading => [.. Enumerable.Range(0, steps).Reverse().Select(i => i * (train / steps) + Config.StepsOffset)],
            TimestepSpacing.Linspace => [.. Enumerable.Range(0, steps).Reverse().Select(i => Round(i * ((train - 1.0) / Math.Max(steps - 1, 1))))],
            _ => [.. Down(train, (double)train / steps).Select(x => Round(x) - 1)],
        };
    }

    /// <summary>numpy's arange from the top to 0 in fractional steps, whose length depends on rounding.</summary>
    private static IEnumerable<double> Down(int top, double step)
    {
        var (count, delta) = ((int)Math.Ceiling(-top / -step), top - step - top);
        return Enumerable.Range(0, count).Select(i => top + i * delta);
    }

    /// <summary>PyTorch's linspace: counted from the nearer end.</summary>
    private static double[] Linspace(double first, double last, int count)
    {
        var step = (last - first) / Math.Max(count - 1, 1);
        return [.. Enumerable.Range(0, count).Select(i => i < count / 2 ? first + step * i : last - step * (count - 1 - i))];
    }

    private static double[] Table(NoiseScheduleConfig config)
    {
        var betas = config.ScaledLinear
            ? Linspace(Math.Sqrt(config.BetaStart), Math.Sqrt(config.BetaEnd), config.TrainTimesteps).Select(b => b * b)
            : Linspace(config.BetaStart, config.BetaEnd, config.TrainTimesteps);
        var product = 1.0;
        var signal = betas.Select(beta => product *= 1 - beta).Select(a => a / (config.SnrShift + (1 - config.SnrShift) * a)).ToArray();
        if (!config.ZeroTerminalSnr)
            return signal;
        var roots = signal.Select(Math.Sqrt).ToArray();
        var (first, last) = (roots[0], roots[^1]);
        return [.. roots.Select(root => Math.Pow((root - last) * (first / (first - last)), 2))];
    }
}
