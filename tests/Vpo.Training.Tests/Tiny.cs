using Vpo.Models.Layers;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>A model small enough for any test, and data for it.</summary>
internal static class Tiny
{
    public const int Vocabulary = 40;

    public static LlamaConfig Config { get; } = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 2,
        KeyValueHeads = 1,
        HeadDim = 8,
        VocabularySize = Vocabulary,
        MaxPositions = 64,
        InitializerRange = 0.2,
    };

    public static LlamaModel Model(long seed = 1, ScalarType? compute = null, bool tied = false) =>
        LlamaModel.Initialize(Config with { TiedHead = tied }, seed, compute: compute).RequireGradients();

    public static List<TokenizedExample> Rows(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new TokenizedExample(Ids(random, 2, 6), Ids(random, 1, 8)))];
    }

    public static List<PreferenceExample> Pairs(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => new PreferenceExample(Ids(random, 2, 6), Ids(random, 1, 8), Ids(random, 1, 8)))];
    }

    /// <summary>All parameters as they are now.</summary>
    public static Dictionary<string, float[]> Snapshot(LlamaModel model) =>
        model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().data<float>().ToArray());

    /// <summary>All gradients, copied and then set to 0.</summary>
    public static Dictionary<string, Tensor> TakeGradients(LlamaModel model)
    {
        var taken = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        using var _ = no_grad();
        foreach (var (_, parameter) in model.named_parameters())
            parameter.grad!.zero_();
        return taken;
    }

    private static int[] Ids(Random random, int least, int most) => [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => random.Next(Vocabulary))];
}

/// <summary>A folder that is deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vpo-training-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Calls an action with every report, on the reporting thread.</summary>
internal sealed class EachStep(Action<TrainingProgress> action) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => action(value);
}
