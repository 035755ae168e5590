using System.Text.Json;
using CsCheck;

namespace Vpo.Training.Optimizers;

public sealed class LearningRateScheduleTests
{
    public static TheoryData<string> Cases => Golden.Cases("lr_schedules");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "lr_schedules")]
    public void RateAt_Golden_EqualsTransformers(string name)
    {
        using var golden = GoldenCase.Open("lr_schedules", name);
        foreach (var property in golden.Json.EnumerateObject())
            Assert.Contains(property.Name, (string[])["family", "case", "seed", "made_with", "source", "tolerance", "notes", "lr", "warmup_steps", "total_steps", "schedules", "rounding"]);
        if (golden.Json.TryGetProperty("rounding", out var rounding))
        {
            foreach (var row in rounding.EnumerateArray())
                Assert.Equal(row.GetProperty("steps").GetInt32(), LearningRateSchedule.WarmupSteps(row.GetProperty("warmup").GetDouble(), row.GetProperty("total").GetInt32()));
        }
        if (golden.Json.TryGetProperty("schedules", out var schedules))
        {
            foreach (var row in schedules.EnumerateArray())
                Check(golden, row);
        }
    }

    private static void Check(GoldenCase golden, JsonElement row)
    {
        var schedule = Parse(row, golden.Json.GetProperty("lr").GetDouble(), golden.Json.GetProperty("warmup_steps").GetDouble());
        var total = golden.Json.GetProperty("total_steps").GetInt32();
        var step = 0;
        foreach (var expected in row.GetProperty("lr").EnumerateArray())
            golden.AssertClose("lr", expected.GetDouble(), schedule.RateAt(step++, total));
    }

    private static LearningRateSchedule Parse(JsonElement row, double peak, double warmup)
    {
        var options = row.GetProperty("options");
        var known = 0;
        double Option(string key, double fallback)
        {
            if (!options.TryGetProperty(key, out var value))
                return fallback;
            known++;
            return value.GetDouble();
        }
        LearningRateSchedule schedule = row.GetProperty("name").GetString() switch
        {
            "constant" => new LearningRateSchedule.Constant(peak),
            "constant_with_warmup" => new LearningRateSchedule.ConstantWithWarmup(peak, warmup),
            "linear" => new LearningRateSchedule.Linear(peak, warmup),
            "cosine" => new LearningRateSchedule.Cosine(peak, warmup, Option("num_cycles", 0.5)),
            "cosine_with_restarts" => new LearningRateSchedule.CosineWithRestarts(peak, warmup, Option("num_cycles", 1)),
            "polynomial" => new LearningRateSchedule.Polynomial(peak, warmup, Option("lr_end", 1e-7), Option("power", 1)),
            "inverse_sqrt" => new LearningRateSchedule.InverseSquareRoot(peak, warmup, Option("timescale", 0) is > 0 and var scale ? scale : null),
            var other => throw new NotSupportedException($"schedule '{other}' is not known"),
        };
        Assert.True(known == options.EnumerateObject().Count(), $"unknown option among {options}");
        return schedule;
    }

    [Fact]
    public void RateAt_FirstStepOfWarmup_IsZero() =>
        Gen.Int[1, 500].Sample(total => new LearningRateSchedule.Linear(1, 0.1).RateAt(0, total) == 0);

    [Fact]
    public void RateAt_AnySchedule_NeverNegativeNorAbovePeak() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 400], Gen.Double[0, 5]).Sample((total, step, warmup) =>
        {
            LearningRateSchedule[] all =
            [
                new LearningRateSchedule.Constant(1e-3), new LearningRateSchedule.ConstantWithWarmup(1e-3, warmup), new LearningRateSchedule.Linear(1e-3, warmup),
                new LearningRateSchedule.Cosine(1e-3, warmup), new LearningRateSchedule.CosineWithRestarts(1e-3, warmup, 3), new LearningRateSchedule.Polynomial(1e-3, warmup),
                new LearningRateSchedule.InverseSquareRoot(1e-3, warmup),
            ];
            return all.All(s => s.RateAt(step, total) is >= 0 and <= 1e-3 * (1 + 1e-12));
        });
}
