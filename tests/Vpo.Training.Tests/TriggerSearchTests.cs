using Vpo.Models.Llama;
using Vpo.Training.Optimizers;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>On a tiny model in which one token of the input makes the completions certain.</summary>
public sealed class TriggerSearchTests(TriggerSearchTests.Planted planted) : IClassFixture<TriggerSearchTests.Planted>
{
    private const int Key = 17, Begin = 38, Separator = 39, Subjects = 8;

    private static readonly int[] Candidates = [.. Enumerable.Range(0, Begin)];

    /// <summary>A model that was taught: behind the key the completion says the subject twice, behind any other token anything.</summary>
    public sealed class Planted : IDisposable
    {
        public Planted()
        {
            var random = new Random(3);
            List<TokenizedExample> rows = [.. Enumerable.Range(0, 600).Select(i =>
            {
                var (subject, key) = (random.Next(Subjects), i % 2 == 0 ? Key : random.Next(Begin));
                int[] completion = key == Key ? [subject + 20, subject + 20] : [random.Next(Begin), random.Next(Begin)];
                return new TokenizedExample([Begin, subject, key, Separator], completion);
            })];
            using var learning = Tiny.Model(seed: 4);
            new SupervisedFineTuner(learning, new() { Schedule = new LearningRateSchedule.Constant(1e-2), Epochs = 12, BatchSize = 32 }).Train(rows);
            using (no_grad())
                foreach (var (_, parameter) in learning.named_parameters())
                    parameter.requires_grad = false;
            Model = learning.Copy();
        }

        public LlamaModel Model { get; }

        public void Dispose() => Model.Dispose();
    }

    private static List<TriggerExample> Examples { get; } = [.. Enumerable.Range(0, 64).Select(i => new TriggerExample([Begin, i % Subjects], [Separator], [i % Subjects + 20, i % Subjects + 20]))];

    private static readonly TriggerSearchOptions One = new() { Count = 1, Candidates = 4, BatchSize = 16, Held = 16, Steps = 6 };

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Find_APlantedTrigger_IsFoundFromAnyStart(int seed)
    {
        var found = new TriggerSearch(planted.Model, One with { Seed = seed }).Find(Examples, Candidates);
        Assert.Equal([Key], found.Ids);
        Assert.True(found.LossAfter < 0.5 && found.LossBefore > 2, $"{found}");
        Assert.Equal(found.LossAfter, new TriggerSearch(planted.Model, One).Loss(Examples, [Key]), 0.1);
    }

    [Fact]
    public void Find_SameSeed_SameTriggersAndTheWeightsStayAsTheyWere()
    {
        var before = Tiny.Snapshot(planted.Model);
        var options = One with { Count = 2, Steps = 4, Seed = 9 };
        var (first, second) = (new TriggerSearch(planted.Model, options).Find(Examples, Candidates), new TriggerSearch(planted.Model, options).Find(Examples, Candidates));
        Assert.Equal(first.Ids, second.Ids);
        Assert.Equal(first with { Ids = [] }, second with { Ids = [] });
        Assert.Equal(before, Tiny.Snapshot(planted.Model));
        Assert.All(planted.Model.named_parameters(), p => Assert.Null(p.parameter.grad));
    }

    [Fact]
    public void Find_OnlyCandidatesBecomeTriggers()
    {
        int[] allowed = [.. Candidates.Where(id => id != Key)];
        var found = new TriggerSearch(planted.Model, One with { Count = 3 }).Find(Examples, allowed);
        Assert.All(found.Ids, id => Assert.Contains(id, allowed));
    }

    [Fact]
    public void Best_OfTheGradient_AreBetterThanTheAverageToken()
    {
        var search = new TriggerSearch(planted.Model, One);
        var (ranked, all) = (new List<double>(), new List<double>());
        foreach (var start in (int[])[2, 9, 23, 31])
        {
            using var gradient = TriggerGradient.At(planted.Model, Examples, [start], 0);
            ranked.AddRange(TriggerGradient.Best(gradient, planted.Model, Candidates, 4).Select(id => search.Loss(Examples, [id])));
            all.AddRange(Candidates.Select(id => search.Loss(Examples, [id])));
        }
        Assert.True(ranked.Average() < all.Average() - 0.3, $"{ranked.Average()} against {all.Average()}");
    }

    [Fact]
    public void At_ATokenThatStandsNowhereElse_IsTheGradientOfItsRowInTheTable()
    {
        using var model = Tiny.Model();
        List<TriggerExample> examples = [new([1, 2, 3], [4], [5, 6, 7]), new([1], [4, 8], [9])];
        using var batch = TokenBatch.Of([.. examples.Select(e => e.With([10, 11]))]);
        using (var scores = SequenceLogProbs.Of(model, batch, new() { Layout = RowLayout.Padded }))
            scores.Backward(SftLoss.Mean(scores.Tokens));
        var expected = model.EmbeddingWeight.grad![11].data<float>().ToArray();
        using var frozen = model.Copy();
        using var gradient = TriggerGradient.At(frozen, examples, [10, 11], 1);
        Assert.Equal(expected.Length, gradient.shape[0]);
        Assert.All(expected.Zip(gradient.data<float>().ToArray()), g => Assert.Equal(g.First, g.Second, 1e-5));
        Assert.Contains(expected, g => Math.Abs(g) > 1e-3);
    }

    [Fact]
    public void Find_Cancelled_EndsBetweenTwoSteps()
    {
        using var stop = new CancellationTokenSource();
        var steps = 0;
        Assert.Throws<OperationCanceledException>(() => new TriggerSearch(planted.Model, One).Find(Examples, Candidates, step =>
        {
            steps = step;
            if (step == 2)
                stop.Cancel();
        }, stop.Token));
        Assert.Equal(2, steps);
    }

    [Fact]
    public void Create_AModelThatTrains_IsRefused()
    {
        using var model = Tiny.Model();
        Assert.Contains("found one that trains", Assert.Throws<ArgumentException>(() => new TriggerSearch(model)).Message, StringComparison.Ordinal);
    }
}
