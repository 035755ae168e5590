using System.Text;
using Vpo.Models.Layers;

namespace Vpo.Training.Runs;

public sealed class EvaluationTests
{
    [Theory]
    [InlineData(new[] { 3.0, 2, 1 }, false)]
    [InlineData(new[] { 1.0, 2 }, false)]
    [InlineData(new[] { 1.0, 2, 1 }, true)]
    [InlineData(new[] { 1.0, 2, 0.5, 0.6 }, false)]
    public void IsOver_Losses_CountsEvaluationsWithoutGain(double[] losses, bool over) =>
        Assert.Equal(over, new EvaluationOptions { Every = 1, Patience = 2 }.IsOver(losses));

    [Fact]
    public void Train_Overfitting_StopsEarlyAndBringsTheBestBack()
    {
        using var folder = new TemporaryFolder();
        using var model = Tiny.Model();
        var options = new SftOptions
        {
            Schedule = new LearningRateSchedule.Constant(2e-2),
            BatchSize = 4,
            Epochs = 60,
            Evaluation = new() { Every = 2, Patience = 3, KeepBest = 2, RestoreBest = true },
        };
        var result = new SupervisedFineTuner(model, options).Train(Tiny.Rows(8), new() { Folder = folder.Path }, Tiny.Rows(8, seed: 99));
        var best = result.Evaluations.MinBy(e => e.Loss)!;
        Assert.True(result.Points.Count < 120);
        Assert.Equal(best.Step, result.RestoredStep);
        Assert.Equal(result.Evaluations.OrderBy(e => e.Loss).Take(2).Select(e => $"best-{e.Step:D6}.safetensors").Order(), Directory.GetFiles(folder.Path, "best-*").Select(f => Path.GetFileName(f)).Order());
        Assert.Equal(result.Evaluations.Count, File.ReadAllLines(Path.Combine(folder.Path, "evaluations.jsonl")).Length);
        Assert.Equal(best.Loss, Again(model).Loss, 1e-5);

        TrainingPoint Again(Models.Llama.LlamaModel trained)
        {
            using var copy = trained.Copy().RequireGradients();
            return new SupervisedFineTuner(copy, new() { Schedule = new LearningRateSchedule.Constant(0), BatchSize = 4, Evaluation = new() { Every = 100 } }).Train(Tiny.Rows(8), heldOut: Tiny.Rows(8, seed: 99)).Evaluations[0];
        }
    }

    [Fact]
    public void Train_StoppedAndResumed_SeesTheSameEvaluations()
    {
        var options = new PreferenceOptions { Schedule = new LearningRateSchedule.Linear(1e-2), BatchSize = 2, CheckpointEvery = 1, Evaluation = new() { Every = 2 } };
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using (var first = Tiny.Model())
        {
            var run = new TrainingRun { Folder = folder.Path, CancellationToken = stop.Token, Progress = new EachStep(p => { if (p.Point.Step == 4) stop.Cancel(); }) };
            Assert.Throws<OperationCanceledException>(() => new PreferenceTrainer(first, options).Train(Tiny.Pairs(12), run, Tiny.Pairs(5, seed: 8)));
        }
        using Models.Llama.LlamaModel again = Tiny.Model(), straight = Tiny.Model();
        var resumed = new PreferenceTrainer(again, options).Train(Tiny.Pairs(12), new() { Folder = folder.Path }, Tiny.Pairs(5, seed: 8));
        Assert.Equal(new PreferenceTrainer(straight, options).Train(Tiny.Pairs(12), null, Tiny.Pairs(5, seed: 8)).Evaluations, resumed.Evaluations);
        Assert.Equal([2, 4, 6], resumed.Evaluations.Select(e => e.Step));
    }

    [Fact]
    public void Train_EvaluationWithoutHeldOut_IsRefused()
    {
        using var model = Tiny.Model();
        Assert.Throws<ArgumentException>(() => new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Constant(1e-3), Evaluation = new() { Every = 1 } }).Train(Tiny.Rows(4)));
    }

    [Fact]
    public void Train_WithFolder_DrawsCurvesAndWritesForTensorBoard()
    {
        using var folder = new TemporaryFolder();
        using var model = Tiny.Model();
        new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Linear(1e-2), BatchSize = 2 }).Train(Tiny.Pairs(8), new() { Folder = folder.Path });
        string[] Files(string kind) => [.. Directory.GetFiles(Path.Combine(folder.Path, "plots"), "*" + kind).Select(f => Path.GetFileNameWithoutExtension(f)).Order()];
        Assert.Equal(["accuracies", "grad_norm", "learning_rate", "loss", "margins", "rewards"], Files(".svg"));
        Assert.Equal(Files(".svg"), Files(".png"));
        Assert.All(Directory.GetFiles(Path.Combine(folder.Path, "plots"), "*.svg"), f => System.Xml.Linq.XDocument.Load(f));
        var events = Events(File.ReadAllBytes(Path.Combine(folder.Path, "events.out.tfevents.vpo"))).ToList();
        Assert.Equal(1 + 4, events.Count);
        Assert.Contains("brain.Event:2", events[0], StringComparison.Ordinal);
        Assert.All(events.Skip(1), e => Assert.Contains("rewards/margins", e, StringComparison.Ordinal));
    }

    [Fact]
    public void MaskedSum_KnownText_IsTheKnownNumber() => Assert.Equal(MaskOf(0xE3069283), TensorBoardFile.MaskedSum("123456789"u8));   // CRC-32C's check value

    private static uint MaskOf(uint sum) => (sum >> 15 | sum << 17) + 0xa282ead8;

    private static IEnumerable<string> Events(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BitConverter.ToUInt64(file, at);
            Assert.Equal(TensorBoardFile.MaskedSum(file.AsSpan(at, 8)), BitConverter.ToUInt32(file, at + 8));
            Assert.Equal(TensorBoardFile.MaskedSum(file.AsSpan(at + 12, length)), BitConverter.ToUInt32(file, at + 12 + length));
            yield return Encoding.Latin1.GetString(file, at + 12, length);
            at += 16 + length;
        }
    }
}
