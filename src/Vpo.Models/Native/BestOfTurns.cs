using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Models.Native;

/// <summary>Times short computations so that other programs can hardly tip a choice between them: on one thread, in turns, the best of many counts.</summary>
/// <remarks>A program that takes the processor away lengthens some turns, of all computations alike; the shortest turn of each stays what it is on a quiet machine.</remarks>
internal static class BestOfTurns
{
    private const int Rounds = 12;

    /// <summary>The shortest time of each computation, in seconds. Each runs thirteen times, without gradients; the first one pays for set-up.</summary>
    public static double[] Seconds(TimeProvider clock, params IReadOnlyList<Action> computations)
    {
        var best = new double[computations.Count];
        using var lanes = new Lanes(2);   // two, since one would be the caller's thread with all its helpers; the second is idle
        lanes.Run(1, _ => Try(clock, computations, best));
        return best;
    }

    private static void Try(TimeProvider clock, IReadOnlyList<Action> computations, double[] best)
    {
        using var guard = no_grad();
        Array.Fill(best, double.PositiveInfinity);
        for (var round = 0; round <= Rounds; round++)
        {
            for (var i = 0; i < best.Length; i++)
            {
                using var scope = NewDisposeScope();
                var start = clock.GetTimestamp();
                computations[i]();
                var took = clock.GetElapsedTime(start).TotalSeconds;
                if (round > 0)
                    best[i] = Math.Min(best[i], took);
            }
        }
    }
}
