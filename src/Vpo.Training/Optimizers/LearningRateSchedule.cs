namespace Vpo.Training;

/// <summary>The learning rate of each optimizer step: the peak times a factor that first rises from 0 (warm-up) and then follows the schedule.</summary>
/// <param name="Peak">The rate that the factor 1 stands for.</param>
/// <param name="Warmup">Steps of warm-up when at least 1 (a fraction is cut off); below 1, the share of all steps, rounded up. 0: none.</param>
/// <remarks>The equations and the rounding are those of transformers' get_scheduler, including what it does past the last step.</remarks>
public abstract record LearningRateSchedule(double Peak, double Warmup)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">Optimizer steps already done, so the first step has 0.</param>
    /// <param name="total">Steps in all.</param>
    public double RateAt(int step, int total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        var warmup = WarmsUp ? WarmupSteps(Warmup, total) : 0;
        return Peak * (step < warmup ? (double)step / Math.Max(1, warmup) : Factor(new(step, warmup, total)));
    }

    /// <summary>Steps of warm-up: a value of at least 1 is a number of steps, one below 1 a share of the total, rounded up (of the double product: 0.07 of 100 is 8).</summary>
    public static int WarmupSteps(double warmup, int total) => warmup >= 1 ? (int)warmup : (int)Math.Ceiling(total * warmup);

    /// <summary>Whether <see cref="Warmup"/> is heeded.</summary>
    protected virtual bool WarmsUp => true;

    /// <summary>The factor after warm-up.</summary>
    protected abstract double Factor(Point at);

    /// <summary>Where in training a step is.</summary>
    /// <param name="Step">From 0.</param>
    /// <param name="Warmup">Steps of warm-up.</param>
    /// <param name="Total">Steps in all.</param>
    protected readonly record struct Point(int Step, int Warmup, int Total)
    {
        /// <summary>0 at the end of warm-up, 1 at the end of training, above 1 past it.</summary>
        public double Progress => (double)(Step - Warmup) / Math.Max(1, Total - Warmup);
    }

    /// <summary>The peak throughout; no warm-up, whatever is asked for.</summary>
    public sealed record Constant(double Peak) : LearningRateSchedule(Peak, 0)
    {
        /// <inheritdoc/>
        protected override bool WarmsUp => false;

        /// <inheritdoc/>
        protected override double Factor(Point at) => 1;
    }

    /// <summary>The peak after warm-up. The released VPO settings of SFT use it.</summary>
    public sealed record ConstantWithWarmup(double Peak, double Warmup) : LearningRateSchedule(Peak, Warmup)
    {
        /// <inheritdoc/>
        protected override double Factor(Point at) => 1;
    }

    /// <summary>Falls to 0 on a straight line. The released VPO settings of DPO use it.</summary>
    public sealed record Linear(double Peak, double Warmup = 0) : LearningRateSchedule(Peak, Warmup)
    {
        /// <inheritdoc/>
        protected override double Factor(Point at) => Math.Max(0, (double)(at.Total - at.Step) / Math.Max(1, at.Total - at.Warmup));
    }

    /// <summary>½(1 + cos 2πcp): with c = ½ cycles it falls to 0 once; past the end it rises again.</summary>
    public sealed record Cosine(double Peak, double Warmup = 0, double Cycles = 0.5) : LearningRateSchedule(Peak, Warmup)
    {
        /// <inheritdoc/>
        protected override double Factor(Point at) => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * Cycles * 2 * at.Progress)));
    }

    /// <summary>Falls to 0 as a cosine, again and again from the peak; 0 past the end.</summary>
    public sealed record CosineWithRestarts(double Peak, double Warmup = 0, double Cycles = 1) : LearningRateSchedule(Peak, Warmup)
    {
        /// <inheritdoc/>
        protected override double Factor(Point at) => at.Progress >= 1 ? 0 : Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (Cycles * at.Progress % 1))));
    }

    /// <summary>Falls to <paramref name="End"/> as a power of the time left, and stays there.</summary>
    public sealed record Polynomial(double Peak, double Warmup = 0, double End = 1e-7, double Power = 1) : LearningRateSchedule(Peak, Warmup)
    {
        /// <inheritdoc/>
        protected override double Factor(Point at) => at.Step > at.Total
            ? End / Peak
            : ((Peak - End) * Math.Pow(1 - at.Progress, Power) + End) / Peak;
    }

    /// <summary>1/√((k + s)/τ) with s = τ − warm-up steps: continuous at the end of warm-up.</summary>
    /// <param name="Peak">The rate at the end of warm-up.</param>
    /// <param name="Warmup">See <see cref="LearningRateSchedule"/>.</param>
    /// <param name="TimeScale">τ in steps; null takes the steps of warm-up, or 10,000 without warm-up.</param>
    public sealed record InverseSquareRoot(double Peak, double Warmup = 0, double? TimeScale = null) : LearningRateSchedule(Peak, Warmup)
    {
        private const double WithoutWarmup = 10_000;

        /// <inheritdoc/>
        protected override double Factor(Point at)
        {
            var scale = TimeScale ?? (at.Warmup > 0 ? at.Warmup : WithoutWarmup);
            return 1 / Math.Sqrt((at.Step + scale - at.Warmup) / scale);
        }
    }
}
