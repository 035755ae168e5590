namespace Vpo.Storage;

/// <summary>Counts items and estimates the time left from those of this run.</summary>
internal sealed class Pace(string stage, int total, int alreadyDone, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _here;

    internal StageProgress Now => new(stage, alreadyDone + _here, total, TimeLeft());

    internal StageProgress Advance(int items)
    {
        _here += items;
        return Now;
    }

    private TimeSpan? TimeLeft() => _here == 0 ? null : time.GetElapsedTime(_start) / _here * (total - alreadyDone - _here);
}
