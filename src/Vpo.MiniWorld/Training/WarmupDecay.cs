namespace Vpo.MiniWorld;

/// <summary>The learning rate of generator training: 50 steps of warm-up, then the peak, then a straight line to 0 over the last two fifths.</summary>
internal static class WarmupDecay
{
    private const int Warmup = 50;
    private const double DecayShare = 0.4;

    public static double At(int step, int total, double peak) =>
        peak * Math.Min(1, (step + 1.0) / Warmup) * Math.Min(1, (total - step) / (DecayShare * total));
}
