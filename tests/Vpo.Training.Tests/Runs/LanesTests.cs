using Vpo.Models.Tensors;

namespace Vpo.Training.Runs;

public sealed class LanesTests
{
    [Fact]
    public void Train_OnTwoLanes_EqualsOneButForRounding()
    {
        var (one, two) = (Sft(1), Sft(2));
        Assert.All(one, w => Assert.All(w.Value.Zip(two[w.Key]), p => Assert.Equal(p.First, p.Second, 5e-4f)));
    }

    [Fact]
    public void Train_OnTwoLanesAgain_IsTheSameToTheLastBit() => Assert.Equal(Sft(2), Sft(2));

    [Fact]
    public void PreferenceTrainer_OnThreeLanes_FirstLossIsExactlyLn2()
    {
        using var model = Tiny.Model();
        var points = new PreferenceTrainer(model, new() { Schedule = new LearningRateSchedule.Linear(1e-3, 1), BatchSize = 5, Lanes = 3 }).Train(Tiny.Pairs(12)).Points;
        Assert.Equal((0.693147182f, 0, 0), ((float)points[0].Loss, points[0].Margin, points[0].Accuracy));
    }

    [Fact]
    public void Run_JobThrows_CallerHearsOfIt()
    {
        using var lanes = new Lanes(2);
        Assert.Throws<InvalidTimeZoneException>(() => lanes.Run(2, i => { if (i == 1) throw new InvalidTimeZoneException(); }));
    }

    private static Dictionary<string, float[]> Sft(int lanes)
    {
        using var model = Tiny.Model();
        new SupervisedFineTuner(model, new() { Schedule = new LearningRateSchedule.Linear(1e-2), BatchSize = 5, Epochs = 2, Lanes = lanes }).Train(Tiny.Rows(20));
        return Tiny.Snapshot(model);
    }
}
