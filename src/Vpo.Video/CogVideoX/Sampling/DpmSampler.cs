using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>The stochastic second-order DPM-Solver++ (arXiv 2211.01095) that the 5B and 1.5 models are used with.</summary>
/// <remarks>Draws noise once in the first and the last step and twice in between, where the first draw is thrown away: the reference does, and a seeded source must stay in step with it.</remarks>
public sealed class DpmSampler : ISampler
{
    private readonly NoiseSchedule _schedule;
    private readonly int _steps;
    private readonly Func<Tensor> _draw;
    private Tensor? _before;

    /// <param name="schedule">The noise of each timestep.</param>
    /// <param name="steps">Steps of the run.</param>
    /// <param name="draw">Standard normal numbers in shape and type of the latents; called in order.</param>
    public DpmSampler(NoiseSchedule schedule, int steps, Func<Tensor> draw)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(draw);
        (_schedule, _steps, _draw, Timesteps) = (schedule, steps, draw, schedule.Timesteps(steps));
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Timesteps { get; }

    /// <inheritdoc/>
    public Tensor Step(int index, Tensor sample, Tensor velocity)
    {
        using var scope = NewDisposeScope();
        var (timestep, back) = (Timesteps[index], index > 0 ? Timesteps[index - 1] : (int?)null);
        var following = _schedule.Previous(timestep, _steps);
        var (now, next) = (_schedule.SignalAt(timestep), _schedule.SignalAt(following));
        var step = LogSnr(next) - LogSnr(now);
        var clean = _schedule.Clean(sample, velocity, timestep);
        var (noise, direction) = (_draw(), clean);
        if (_before is not null && back is { } earlier && following >= 0)
        {
            var ratio = (LogSnr(now) - LogSnr(_schedule.SignalAt(earlier))) / step;
            (noise, direction) = (_draw(), clean.Times(1 + 1 / (2 * ratio)).Minus(_before.Times(1 / (2 * ratio))));
        }
        var keep = Math.Sqrt((1 - next) / (1 - now)) * Math.Exp(-step);
        var towards = Expm1(-2 * step) * Math.Sqrt(next);
        var spread = Math.Sqrt(1 - next) * Math.Sqrt(1 - Math.Exp(-2 * step));
        var result = NoiseSchedule.Part(keep, sample).Minus(NoiseSchedule.Part(towards, direction)).Plus(NoiseSchedule.Part(spread, noise));
        _before?.Dispose();
        _before = clean.DetachFromDisposeScope();
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Frees the prediction kept from the step before.</summary>
    public void Dispose()
    {
        _before?.Dispose();
        _before = null;
    }

    private static double LogSnr(double signal) => Math.Log(Math.Sqrt(signal / (1 - signal)));

    /// <summary>e^x − 1 without loss near 0: the half-angle form 2 sinh(x/2) e^(x/2).</summary>
    private static double Expm1(double x) => double.IsNegativeInfinity(x) ? -1 : 2 * Math.Sinh(x / 2) * Math.Exp(x / 2);
}
