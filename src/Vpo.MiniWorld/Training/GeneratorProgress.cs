namespace Vpo.MiniWorld;

/// <summary>How far the training of a generator is.</summary>
/// <param name="Stage">"autoencoder", "latents" or "transformer".</param>
/// <param name="Step">Steps done of the stage.</param>
/// <param name="TotalSteps">Steps of the stage.</param>
/// <param name="Loss">Smoothed loss; NaN where there is none.</param>
/// <param name="TimeLeft">Of the stage, an estimate.</param>
public sealed record GeneratorProgress(string Stage, int Step, int TotalSteps, double Loss, TimeSpan TimeLeft);

/// <summary>Reports the steps of one stage.</summary>
/// <param name="stage">Its name.</param>
/// <param name="steps">The first step that this process does, from 0, and how many there are in all.</param>
/// <param name="progress">Hears of every step; may be null.</param>
/// <param name="clock">For the time left.</param>
internal sealed class StageReport(string stage, (int First, int Total) steps, IProgress<GeneratorProgress>? progress, TimeProvider clock)
{
    private const double Smoothing = 0.98;
    private readonly long _start = clock.GetTimestamp();
    private double _loss = double.NaN;

    public void Step(int done, double loss = double.NaN)
    {
        _loss = double.IsNaN(_loss) ? loss : Smoothing * _loss + (1 - Smoothing) * loss;
        var left = clock.GetElapsedTime(_start) / (done - steps.First) * (steps.Total - done);
        progress?.Report(new(stage, done, steps.Total, _loss, left));
    }
}
