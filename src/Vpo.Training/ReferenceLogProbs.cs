using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Log-probabilities of all pairs under the reference, computed once before training and kept.</summary>
/// <param name="Chosen">One a pair.</param>
/// <param name="Rejected">One a pair.</param>
internal sealed record ReferenceLogProbs(float[] Chosen, float[] Rejected)
{
    /// <summary>
    /// Scores the pairs in the batches in which the first epoch will train them, so that a policy which equals its reference gets the very
    /// same numbers: rewards are then exactly 0 and the first loss exactly ln 2.
    /// </summary>
    public static ReferenceLogProbs Compute(LlamaModel reference, IReadOnlyList<PreferenceExample> pairs, IEnumerable<int[]> batches, double? lateTokens, Scoring scoring)
    {
        var (chosen, rejected) = (new float[pairs.Count], new float[pairs.Count]);
        foreach (var micro in batches)
        {
            scoring.CancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = TokenBatch.Of([.. micro.Select(i => pairs[i])], reference.Device);
            using var scores = SequenceLogProbs.Of(reference, batch, scoring.Options with { ForGradient = false });
            var sums = scores.RowSums(lateTokens).detach().cpu().data<float>().ToArray();
            for (var i = 0; i < micro.Length; i++)
                (chosen[micro[i]], rejected[micro[i]]) = (sums[i], sums[micro.Length + i]);
        }
        return new(chosen, rejected);
    }

    /// <summary>How to compute.</summary>
    public readonly record struct Scoring(ScoringOptions Options, CancellationToken CancellationToken);

    /// <summary>Those of a run that was stopped, or new ones; the run's fingerprint has already vouched for data, model and options.</summary>
    public static ReferenceLogProbs OfRun(RunFolder? folder, string name, Func<ReferenceLogProbs> compute)
    {
        if (folder is null)
            return compute();
        var path = Path.Combine(folder.Location, name + ".safetensors");
        if (File.Exists(path))
            return Read(path);
        var computed = compute();
        if (!folder.Writes)
            return computed;
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(path, [new("chosen", tensor(computed.Chosen)), new("rejected", tensor(computed.Rejected))]);
        return computed;
    }

    /// <summary>Those of a micro-batch, in the row order of its <see cref="TokenBatch"/>: the chosen ones, then the rejected ones.</summary>
    public float[] Of(int[] micro) => [.. micro.Select(i => Chosen[i]), .. micro.Select(i => Rejected[i])];

    private static ReferenceLogProbs Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        using var scope = NewDisposeScope();
        return new(file.Read("chosen").data<float>().ToArray(), file.Read("rejected").data<float>().ToArray());
    }
}
