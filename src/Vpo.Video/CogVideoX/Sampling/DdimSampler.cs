using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>DDIM (arXiv 2010.02502) for velocities: no noise is added, so the start decides the result. CogVideoX-2B's sampler.</summary>
public sealed class DdimSampler : ISampler
{
    private readonly NoiseSchedule _schedule;
    private readonly int _steps;

    /// <param name="schedule">The noise of each timestep.</param>
    /// <param name="steps">Steps of the run.</param>
    public DdimSampler(NoiseSchedule schedule, int steps)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        (_schedule, _steps, Timesteps) = (schedule, steps, schedule.Timesteps(steps));
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Timesteps { get; }

    /// <inheritdoc/>
    public Tensor Step(int index, Tensor sample, Tensor velocity)
    {
        using var scope = NewDisposeScope();
        var timestep = Timesteps[index];
        var (now, next) = (_schedule.SignalAt(timestep), _schedule.SignalAt(_schedule.Previous(timestep, _steps)));
        var keep = Math.Sqrt((1 - next) / (1 - now));
        var clean = _schedule.Clean(sample, velocity, timestep);
        return NoiseSchedule.Part(keep, sample).Plus(NoiseSchedule.Part(Math.Sqrt(next) - Math.Sqrt(now) * keep, clean)).MoveToOuterDisposeScope();
    }

    /// <summary>Holds nothing.</summary>
    public void Dispose() { }
}
