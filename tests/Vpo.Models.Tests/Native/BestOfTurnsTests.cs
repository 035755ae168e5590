using CsCheck;
using Vpo.Models.Native;

namespace Vpo.Models.Tests.Native;

public sealed class BestOfTurnsTests
{
    /// <summary>Passes only as computations and other programs say.</summary>
    private sealed class Clock : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }

    /// <summary>Other programs may take the processor away in eleven of twelve turns, each time for as long as they like, and from one computation more than from another.</summary>
    [Fact]
    public void Seconds_OtherProgramsTakeNearlyAllTurns_AreThoseOfAQuietMachine() =>
        Gen.Select(Gen.Int[1, 50].Array[2, 6], Gen.Int[0, 11], Gen.Int[0, 5000].Array[13 * 6]).Sample((costs, quietRound, stolen) =>
        {
            var clock = new Clock();
            var turns = new int[costs.Length];
            var computations = costs.Select((cost, i) => (Action)(() =>
            {
                var round = turns[i]++;
                clock.Milliseconds += cost + (round == 1 + quietRound ? 0 : stolen[(round * 6) + i]);
            }));
            Assert.Equal(costs.Select(cost => cost / 1000.0), BestOfTurns.Seconds(clock, [.. computations]));
        }, iter: 100);

    [Fact]
    public void Seconds_FirstTurn_DoesNotCount()
    {
        var clock = new Clock();
        var cost = 0;
        Assert.Equal([0.002], BestOfTurns.Seconds(clock, () => clock.Milliseconds += ++cost));
    }

    [Fact]
    public void Seconds_AComputationFails_TellsTheCaller() =>
        Assert.Throws<InvalidDataException>(() => BestOfTurns.Seconds(TimeProvider.System, () => throw new InvalidDataException()));
}
