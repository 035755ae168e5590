using Vpo.Models.Decoding;

namespace Vpo.Models.Tests.Decoding;

public sealed class CrewTests
{
    [Fact]
    public void For_ManyLoops_DoesEachPartOnce()
    {
        var crew = new Crew(2);
        for (var loop = 0; loop < 3000; loop++)
        {
            using var team = crew.Take(isWorthIt: true);
            Assert.Equal(3, team.Size);
            var (count, hits) = (loop % 37 + 1, new int[loop % 37 + 1]);
            team.For(count, 1 + loop % 3, (first, end) =>
            {
                for (var i = first; i < end; i++)
                    Interlocked.Increment(ref hits[i]);
            });
            Assert.All(hits, hit => Assert.Equal(1, hit));
            if (loop % 500 == 0)
                Thread.Sleep(5);   // helpers fall asleep
        }
    }

    /// <summary>A helper that was about to sleep and woke by itself was once still counted for a moment, and waking nobody is an error.</summary>
    [Fact]
    public void For_AsHelpersFallAsleep_NeverFails()
    {
        var crew = new Crew(3);
        var done = 0;
        for (var loop = 0; loop < 30_000; loop++)
        {
            using (var team = crew.Take(isWorthIt: true))
                team.For(4, 1, (first, end) => Interlocked.Add(ref done, end - first));
            var pause = System.Diagnostics.Stopwatch.StartNew();
            while (pause.Elapsed.TotalMicroseconds < 90 + loop % 20)   // around the time after which they sleep
                Thread.SpinWait(1);
        }
        Assert.Equal(120_000, done);
    }

    [Fact]
    public void Take_WhileTaken_WorksAlone()
    {
        var crew = new Crew(1);
        using (crew.Take(true))
        using (var second = crew.Take(true))
            Assert.Equal(1, second.Size);
        using var third = crew.Take(true);
        Assert.Equal(2, third.Size);
    }

    [Fact]
    public void For_BodyThrows_ThrowsItToTheCaller()
    {
        using var team = new Crew(1).Take(true);
        for (var i = 0; i < 200; i++)
            Assert.Throws<FormatException>(() => team.For(8, 1, (first, _) => throw new FormatException(first.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Take_AfterAHelperLostItsProcessor_WorksAloneForAWhile()
    {
        var (crew, caller) = (new Crew(1, rest: 20), Environment.CurrentManagedThreadId);
        void Loop()
        {
            using var started = new ManualResetEventSlim();
            using var team = crew.Take(true);
            team.For(2, 1, (_, _) =>
            {
                if (Environment.CurrentManagedThreadId == caller)
                    started.Wait(TimeSpan.FromSeconds(10));
                else
                {
                    started.Set();
                    Thread.Sleep(40);
                }
            });
        }
        Loop();
        using (var team = crew.Take(true))
            Assert.Equal(1, team.Size);
        Assert.True(SpinWait.SpinUntil(() =>
        {
            using var team = crew.Take(true);
            return team.Size == 2;
        }, TimeSpan.FromSeconds(30)));
    }
}
