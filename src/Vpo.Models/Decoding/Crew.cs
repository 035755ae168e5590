using System.Diagnostics;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Decoding;

/// <summary>
/// Threads that help a caller through many short loops: they wait for the next loop by spinning for a moment and sleep when none comes. One crew serves
/// the process and one caller at a time; a caller who finds it taken works alone.
/// </summary>
internal sealed class Crew
{
    private const int SpinMicroseconds = 100, TurnsBeforeYield = 1000;
    private const int RestAfterStall = 20;   // times as long as the stall
    private static readonly long Stall = Stopwatch.Frequency / 1000;

    private static readonly Lazy<Crew> Process = new(() => new(Math.Min(get_num_threads(), Environment.ProcessorCount) - 1, RestAfterStall));

    private readonly int _helpers, _rest;
    private readonly SemaphoreSlim _wake = new(0);
    private int _taken, _sleeping, _active, _open, _next;
    private int _count, _grain;
    private Action<int, int> _body = (_, _) => { };
    private Exception? _failure;
    private long _aloneUntil;

    /// <param name="helpers">Threads beside the caller.</param>
    /// <param name="rest">Where a caller had to wait a millisecond or more for a helper that lost its processor to other programs, callers work alone for so many times as long: on
    /// a crowded machine most loops would end like that.</param>
    public Crew(int helpers, int rest = 0)
    {
        (_helpers, _rest) = (helpers, rest);
        for (var i = 0; i < helpers; i++)
            new Thread(Help) { IsBackground = true, Name = "vpo crew" }.Start();
    }

    private bool IsResting => Stopwatch.GetTimestamp() < Volatile.Read(ref _aloneUntil);

    /// <summary>As many threads as libtorch uses.</summary>
    public static Crew Shared => Process.Value;

    /// <summary>The caller with its helpers, if they are free and the work is worth it; else the caller alone. Return the team by disposing it.</summary>
    public Team Take(bool isWorthIt) => new(isWorthIt && _helpers > 0 && !IsResting && Interlocked.CompareExchange(ref _taken, 1, 0) == 0 ? this : null);

    private void Release() => Volatile.Write(ref _taken, 0);

    private void Run(int count, int grain, Action<int, int> body)
    {
        (_count, _grain, _body, _next, _failure) = (count, grain, body, 0, null);
        Interlocked.Exchange(ref _open, 1);
        if (Volatile.Read(ref _sleeping) > 0 && Interlocked.Exchange(ref _sleeping, 0) is > 0 and var sleepers)   // one may have taken it back in between
            _wake.Release(sleepers);
        Work();
        Interlocked.Exchange(ref _open, 0);
        WaitForHelpers();
        if (_failure is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private void WaitForHelpers()
    {
        for (var turn = 0; turn < TurnsBeforeYield; turn++)
        {
            if (Volatile.Read(ref _active) == 0)
                return;
            Thread.SpinWait(1);
        }
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _active) > 0)
            Thread.Yield();   // a helper has lost its processor to another program
        var end = Stopwatch.GetTimestamp();
        if (end - start >= Stall)
            Volatile.Write(ref _aloneUntil, end + _rest * (end - start));
    }

    private void Work()
    {
        try
        {
            for (int first; (first = Interlocked.Add(ref _next, _grain) - _grain) < _count;)
                _body(first, Math.Min(first + _grain, _count));
        }
        catch (Exception e)   // thrown again on the caller's thread
        {
            _failure ??= e;
        }
    }

    private void Help()
    {
        OpenMp.Threads = 1;
        while (true)
        {
            WaitForWork();
            Interlocked.Increment(ref _active);
            if (Volatile.Read(ref _open) != 0)   // not closed between the look and the announcement
                Work();
            Interlocked.Decrement(ref _active);
            // The loop may still be open while its last parts are worked on elsewhere: nothing is left to take then, so a new look costs little.
        }
    }

    private void WaitForWork()
    {
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _open) == 0 || Volatile.Read(ref _next) >= Volatile.Read(ref _count))
        {
            Thread.SpinWait(2);
            if (Stopwatch.GetElapsedTime(start).TotalMicroseconds < SpinMicroseconds)
                continue;
            Interlocked.Increment(ref _sleeping);
            if (Volatile.Read(ref _open) == 0 || !StaysAwake())
                _wake.Wait();
            start = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Takes back that a helper is about to sleep. Too late if the caller has counted it: then its signal must be consumed, or it would wake somebody in vain ever after.</summary>
    private bool StaysAwake()
    {
        for (var seen = Volatile.Read(ref _sleeping); seen > 0;)
        {
            var found = Interlocked.CompareExchange(ref _sleeping, seen - 1, seen);
            if (found == seen)
                return true;
            seen = found;
        }
        return false;
    }

    /// <summary>A caller and, perhaps, its helpers.</summary>
    public readonly struct Team(Crew? crew) : IDisposable
    {
        /// <summary>Threads that work.</summary>
        public int Size => 1 + (crew?._helpers ?? 0);

        /// <summary>Runs a body over [0, count) in parts of a grain; returns when all is done.</summary>
        public void For(int count, int grain, Action<int, int> body)
        {
            if (crew is null || count <= grain || crew.IsResting)
                body(0, count);
            else
                crew.Run(count, grain, body);
        }

        public void Dispose() => crew?.Release();
    }
}
