using System.Globalization;
using Vpo.Models.Layers;
using Vpo.Models.Llama;

namespace Vpo.Training.Runs;

/// <summary>Memory stays flat: within 5 % of what it was after 20 steps.</summary>
public sealed class MemoryTests
{
    [Fact(Explicit = true), Trait("Category", "Long")]
    public void Train_TwoThousandStepsOfATinyModel_MemoryIsFlat()
    {
        using var model = Tiny.Model();
        var memory = new Watch();
        new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Linear(1e-4), BatchSize = 4, Epochs = 1000 }).Train(Tiny.Pairs(8), new() { Progress = memory.Progress });
        memory.AssertFlat();
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void Train_HundredStepsOfSmolLm2sShape_MemoryIsFlat()
    {
        var config = new LlamaConfig { HiddenSize = 576, IntermediateSize = 1536, Layers = 30, Heads = 9, KeyValueHeads = 3, HeadDim = 64, VocabularySize = 49152, TiedHead = true };
        using var model = LlamaModel.Initialize(config, seed: 1, compute: TorchSharp.torch.ScalarType.BFloat16).RequireGradients();
        var memory = new Watch();
        var random = new Random(1);
        int[] Ids(int n) => [.. Enumerable.Range(0, n).Select(_ => random.Next(3, 49152))];
        List<PreferenceExample> pairs = [.. Enumerable.Range(0, 100).Select(i => new PreferenceExample(Ids(20 + i % 7), Ids(10 + i % 23), Ids(8 + i % 31)))];
        new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Linear(1e-6), BatchSize = 1 }).Train(pairs, new() { Progress = memory.Progress });
        memory.AssertFlat();
    }

    private sealed class Watch
    {
        private readonly List<long> _resident = [];

        public EachStep Progress => new(_ => _resident.Add(Resident()));

        public void AssertFlat()
        {
            var (early, late) = (_resident.Take(20).Max(), _resident.TakeLast(20).Max());
            var between = Enumerable.Range(1, 4).Select(i => _resident.Count * i / 5 - 1).Select(step => $"after {step + 1} {_resident[step] >> 20} MB");
            TestContext.Current.SendDiagnosticMessage($"after 20 steps {early >> 20} MB, {string.Join(", ", between)}, after {_resident.Count} {late >> 20} MB");
            Assert.True(late <= early * 1.05, $"memory grew from {early >> 20} to {late >> 20} MB in {_resident.Count} steps");
        }

        private static long Resident() => OperatingSystem.IsLinux()
            ? long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize
            : Environment.WorkingSet;
    }
}
