using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>What determines a run, as lines of text: options, hash of the data, hash of the weights it starts from.</summary>
internal static class RunFingerprint
{
    private const long Slice = 1 << 26;

    public static string Of(TrainingOptions options, IEnumerable<int[]> ids, LlamaModel start, LlamaModel? reference = null) => string.Join('\n',
    [
        $"options: {Stable(options)}",
        $"data: {HashOf(ids)}",
        $"start: {HashOf(start)}, computed in {start.Compute}",
        $"reference: {(reference is null ? "the start" : $"{HashOf(reference)}, computed in {reference.Compute}")}",
    ]);

    /// <summary>Of training that is not a language model's.</summary>
    public static string Of(TrainingOptions options, string data, IEnumerable<(string Name, TorchSharp.Modules.Parameter Value)> start) =>
        string.Join('\n', [$"options: {Stable(options)}", $"data: {data}", $"start: {HashOf(start)}"]);

    // How often it saves, and how many files it keeps, does not change what a run computes.
    private static TrainingOptions Stable(TrainingOptions options) => options with { CheckpointEvery = 0, KeepCheckpoints = 1 };

    private static string HashOf(IEnumerable<int[]> ids)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in ids)
        {
            hash.AppendData(BitConverter.GetBytes(row.Length));
            hash.AppendData(MemoryMarshal.AsBytes(row.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string HashOf(LlamaModel model) => HashOf(model.AllParameters);

    /// <summary>SHA-256 of all values.</summary>
    public static string HashOf(IEnumerable<(string Name, TorchSharp.Modules.Parameter Value)> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, parameter) in parameters)
        {
            using var scope = NewDisposeScope();
            var flat = parameter.detach().cpu().contiguous().view(-1);
            for (var at = 0L; at < flat.numel(); at += Slice)
                hash.AppendData(flat.narrow(0, at, Math.Min(Slice, flat.numel() - at)).bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
