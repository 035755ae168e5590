using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Runs some of a transformer's blocks.</summary>
internal delegate (Tensor Words, Tensor Video) BlockRunner(Range blocks, Tensor words, Tensor video);

/// <summary>What one run remembers of the last step that was computed: how much the blocks added to words and video. Not for use from several threads.</summary>
/// <param name="steps">Of the run.</param>
internal abstract class StepCache(int steps) : IDisposable
{
    private Tensor? _words, _video;
    private int _step;

    /// <summary>Steps that were left out.</summary>
    public int Skipped { get; private set; }

    /// <param name="given">Tokens before the first block.</param>
    /// <param name="time">The time embedding.</param>
    /// <param name="run">Runs blocks.</param>
    public (Tensor Words, Tensor Video) Run((Tensor Words, Tensor Video) given, Tensor time, BlockRunner run)
    {
        using var scope = NewDisposeScope();
        var isEnd = _step == 0 || _step == steps - 1;
        _step++;
        var (start, rest) = Begin(given, run);
        if (IsLikeBefore(given.Video, start.Video, time) && !isEnd)
        {
            Skipped++;
            return (start.Words.Plus(_words!).MoveToOuterDisposeScope(), start.Video.Plus(_video!).MoveToOuterDisposeScope());
        }
        var end = run(rest, start.Words, start.Video);
        Computed(given.Video, start.Video);
        Keep(ref _words, end.Words.Minus(start.Words));
        Keep(ref _video, end.Video.Minus(start.Video));
        return (end.Words.MoveToOuterDisposeScope(), end.Video.MoveToOuterDisposeScope());
    }

    public virtual void Dispose()
    {
        _words?.Dispose();
        _video?.Dispose();
    }

    /// <summary>What is computed in every step, and which blocks are left.</summary>
    protected abstract ((Tensor Words, Tensor Video) Start, Range Left) Begin((Tensor Words, Tensor Video) given, BlockRunner run);

    /// <summary>Called once a step.</summary>
    protected abstract bool IsLikeBefore(Tensor given, Tensor start, Tensor time);

    /// <summary>Called when all blocks were run.</summary>
    protected abstract void Computed(Tensor given, Tensor start);

    /// <summary>Σ|a − b| / Σ|b|.</summary>
    protected static double Change(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        static double Mean(Tensor x) => x.abs().to(ScalarType.Float32).mean().item<float>();
        return Mean(a.Minus(b)) / Mean(b);
    }

    protected static void Keep(ref Tensor? place, Tensor value)
    {
        place?.Dispose();
        place = value.DetachFromDisposeScope();
    }
}

/// <summary>Decides by the first block's change.</summary>
internal sealed class FirstBlockCache(int steps, double threshold) : StepCache(steps)
{
    private Tensor? _change;

    public override void Dispose()
    {
        base.Dispose();
        _change?.Dispose();
    }

    protected override ((Tensor Words, Tensor Video) Start, Range Left) Begin((Tensor Words, Tensor Video) given, BlockRunner run) => (run(..1, given.Words, given.Video), 1..);

    protected override bool IsLikeBefore(Tensor given, Tensor start, Tensor time)
    {
        using var change = start.Minus(given);
        return _change is not null && Change(change, _change) <= threshold;
    }

    protected override void Computed(Tensor given, Tensor start) => Keep(ref _change, start.Minus(given));
}

/// <summary>Decides by the time embedding, before anything is computed.</summary>
internal sealed class TimeEmbeddingCache(int steps, double threshold, IReadOnlyList<double> polynomial) : StepCache(steps)
{
    private Tensor? _time;
    private double _sum;

    public override void Dispose()
    {
        base.Dispose();
        _time?.Dispose();
    }

    protected override ((Tensor Words, Tensor Video) Start, Range Left) Begin((Tensor Words, Tensor Video) given, BlockRunner run) => (given, ..);

    protected override bool IsLikeBefore(Tensor given, Tensor start, Tensor time)
    {
        var isFirst = _time is null;
        if (!isFirst)
        {
            var change = Change(time, _time!);
            _sum += polynomial.Aggregate(0.0, (value, coefficient) => value * change + coefficient);
        }
        Keep(ref _time, time.clone());
        return !isFirst && _sum < threshold;
    }

    protected override void Computed(Tensor given, Tensor start) => _sum = 0;
}
