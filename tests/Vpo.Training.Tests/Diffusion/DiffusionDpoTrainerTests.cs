using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Training.Tests.Diffusion;

public sealed class DiffusionDpoTrainerTests
{
    private static readonly DiffusionDpoOptions Options = new() { Schedule = new LearningRateSchedule.Constant(0.02), BatchSize = 2, Accumulation = 2, Epochs = 4, CheckpointEvery = 2, Loss = new(20) };

    // Eight pairs: chosen samples lie around +1, rejected ones around −1, of any text.
    private static string WritePairs(TemporaryFolder folder, int seed = 1, bool weighted = false)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var path = Path.Combine(folder.Path, $"pairs-{seed}.safetensors");
        var tensors = new Dictionary<string, Tensor>
        {
            ["chosen"] = randn([8, 2, 3], generator: generator).mul(0.1).add(1),
            ["rejected"] = randn([8, 2, 3], generator: generator).mul(0.1).sub(1),
            ["text"] = randn([2, 4, 5], generator: generator),
            ["text_of"] = tensor(new long[] { 0, 0, 0, 0, 1, 1, 1, 1 }),
        };
        if (weighted)
            tensors["weights"] = zeros(8);
        SafetensorsWriter.Write(path, tensors);
        return path;
    }

    /// <summary>noisy · a + b: enough to lean towards either side.</summary>
    private sealed class TinyDenoiser : IDisposable
    {
        private readonly Parameter _a = new(zeros(3).DetachFromDisposeScope()), _b = new(zeros(3).DetachFromDisposeScope());

        public DenoisingModel Model => new() { Predict = Predict, Parameters = [("a", _a), ("b", _b)], Signal = [0.9, 0.7, 0.5, 0.3], Target = DiffusionTarget.Clean };

        public float[] Values => [.. _a.data<float>().ToArray(), .. _b.data<float>().ToArray()];

        public static Tensor Frozen(Tensor noisy, Tensor timesteps, Tensor text) => zeros_like(noisy);

        private Tensor Predict(Tensor noisy, Tensor timesteps, Tensor text) => _b.addcmul(noisy, _a, Vpo.Models.Tensors.Scalars.One);

        public void Dispose()
        {
            _a.Dispose();
            _b.Dispose();
        }
    }

    private static (float[] Values, TrainingResult Result) Train(string file, TrainingRun? run = null, DiffusionDpoOptions? options = null)
    {
        using var denoiser = new TinyDenoiser();
        using var pairs = DiffusionPairs.Open([file]);
        var result = new DiffusionDpoTrainer(denoiser.Model, options ?? Options, TinyDenoiser.Frozen).Train(pairs, run);
        return (denoiser.Values, result);
    }

    [Fact]
    public void Train_PairsThatDiffer_PutsThemTheRightWayRound()
    {
        using var folder = new TemporaryFolder();
        var (_, result) = Train(WritePairs(folder), options: Options with { Epochs = 10 });
        Assert.Equal(20, result.Points.Count);
        Assert.Equal(Math.Log(2), result.Points[0].Loss, 5);
        Assert.Equal((0.0, 0.0), (result.Points[0].Accuracy, result.Points[0].Margin));
        Assert.Equal(1, result.Points[^1].Accuracy);
        Assert.True(result.Points[^1].Loss < 0.2 && result.Points[^1].Margin > 1, $"{result.Points[^1]}");
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void Train_StoppedAndStartedAgain_GivesTheSameToTheLastBit(int stopAfter)
    {
        using var folder = new TemporaryFolder();
        var file = WritePairs(folder);
        var whole = Train(file);
        var place = Path.Combine(folder.Path, "run");
        using var cancel = new CancellationTokenSource();
        var stopper = new EachStep(p =>
        {
            if (p.Point.Step == stopAfter)
                cancel.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Train(file, new() { Folder = place, Progress = stopper, CancellationToken = cancel.Token }));
        var resumed = Train(file, new() { Folder = place });
        Assert.Equal(whole.Values, resumed.Values);
        Assert.Equal(whole.Result.Points.Select(p => p.Loss), resumed.Result.Points.Select(p => p.Loss));
    }

    [Fact]
    public void Train_OtherPairsOrBeta_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var run = new TrainingRun { Folder = Path.Combine(folder.Path, "run") };
        Train(WritePairs(folder), run);
        Assert.Throws<RunMismatchException>(() => Train(WritePairs(folder, seed: 2), run));
        Assert.Throws<RunMismatchException>(() => Train(WritePairs(folder), run, Options with { Loss = new(20, DiffusionDpoLoss.Diffusers) }));
    }

    [Fact]
    public void Train_WeightsOfZero_LeaveThePolicyWhereItIsAndStop()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("nothing is being trained", Assert.Throws<TrainingStoppedException>(() => Train(WritePairs(folder, weighted: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_WithoutReference_IsRefused()
    {
        using var folder = new TemporaryFolder();
        using var denoiser = new TinyDenoiser();
        using var pairs = DiffusionPairs.Open([WritePairs(folder)]);
        Assert.Contains("one reference", Assert.Throws<InvalidOperationException>(() => new DiffusionDpoTrainer(denoiser.Model, Options).Train(pairs)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileOfSomethingElse_SaysWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "other.safetensors");
        SafetensorsWriter.Write(path, [new("chosen", zeros(1, 2))]);
        Assert.Contains("rejected, text, text_of", Assert.Throws<CheckpointException>(() => DiffusionPairs.Open([path])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DiffusionPairs.Open([]));
    }
}
