using CsCheck;
using Vpo.Statistics;

namespace Vpo.Core.Tests.Statistics;

public sealed class CorrelationTests
{
    [Fact]
    public void KendallB_FewItemsWithoutTies_HasTheExactPValue()
    {
        // Of the 24 orders of four items one agrees fully and one is fully reversed.
        var same = Correlation.KendallB([1, 2, 3, 4], [1, 2, 3, 4]);
        Assert.Equal(1, same.Value, 12);
        Assert.Equal(2 / 24.0, same.PValue, 12);
        Assert.Equal(8 / 24.0, Correlation.KendallB([1, 2, 3, 4], [2, 1, 3, 4]).PValue, 12);
    }

    [Fact]
    public void Rank_MonotoneChange_ChangesNothing() =>
        Gen.Int[-50, 50].Select(v => v / 4.0).Array[3, 20].Where(v => v.Distinct().Count() > 1).Sample(values =>
        {
            double[] index = [.. Enumerable.Range(0, values.Length).Select(i => (double)(i * i % 11))];
            double[] cubed = [.. values.Select(v => v * v * v)];
            return Math.Abs(Correlation.Spearman(values, index).Value - Correlation.Spearman(cubed, index).Value) < 1e-9
                && Math.Abs(Correlation.KendallB(values, index).Value - Correlation.KendallB(cubed, index).Value) < 1e-9;
        }, iter: 200);

    [Fact]
    public void Spearman_OneSideConstant_IsNotANumber() => Assert.True(double.IsNaN(Correlation.Spearman([1, 1, 1], [1, 2, 3]).Value));

    [Fact]
    public void Fit_OneSideNeverBeaten_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => BradleyTerry.Fit(new[,] { { 0, 3 }, { 0, 0 } }));
        Assert.Contains("no finite strengths", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calibrate_AnyMargins_IsTheBestOfAllThresholds() =>
        Gen.Select(Gen.Int[-4, 4].Select(m => m / 2.0).Array[1, 30], Gen.Int[-1, 1].Array[30]).Sample((margins, labels) =>
        {
            labels = labels[..margins.Length];
            var best = TieCalibration.Calibrate(margins, labels);
            var all = margins.Select(Math.Abs).Append(0).Select(t => TieCalibration.Count(margins, labels, t).Accuracy).Max();
            return Math.Abs(best.Accuracy - all) < 1e-12 && Math.Abs(TieCalibration.Count(margins, labels, best.Threshold).Accuracy - all) < 1e-12;
        }, iter: 300);
}
