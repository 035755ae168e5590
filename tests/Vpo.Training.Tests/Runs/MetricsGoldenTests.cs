using System.Text.Json;
using static TorchSharp.torch;

namespace Vpo.Training.Runs;

public sealed class MetricsGoldenTests
{
    public static TheoryData<string> Cases => Golden.Cases("rewards_metrics");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "rewards_metrics")]
    public void MetricsWindow_Golden_EqualsTrl(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("rewards_metrics", name);
        var json = golden.Json;
        TrainingGolden.AllowOnly(json, "family", "case", "seed", "made_with", "source", "options", "rows_per_epoch", "micro_batches", "logged", "evaluated", "total_steps", "tolerance", "notes");
        var options = json.GetProperty("options");
        var plan = new BatchPlan(json.GetProperty("rows_per_epoch").GetInt32(), TrainingGolden.Fill(new PreferenceOptions { Schedule = TrainingGolden.Schedule(options) }, options));
        Assert.Equal(json.GetProperty("total_steps").GetInt32(), plan.TotalSteps);
        var parts = json.GetProperty("micro_batches").EnumerateArray().ToList();
        var (every, beta) = (options.GetProperty("logging_steps").GetInt32(), options.GetProperty("beta").GetDouble());
        var logged = json.GetProperty("logged").EnumerateArray().ToDictionary(l => l.GetProperty("step").GetInt32());
        var (window, losses, tokens) = (new MetricsWindow(), new List<double>(), 0L);
        for (var step = 0; step < plan.TotalSteps; step++)
        {
            var micro = parts.Where(p => p.GetProperty("mode").GetString() == "train" && p.GetProperty("step").GetInt32() == step).ToList();
            Assert.Equal(plan.At(step).Select(m => m.Length), micro.Select(m => m.GetProperty("policy_chosen_logps").GetArrayLength()));
            micro.ForEach(m => window.Add(Measure(m, beta)));
            losses.Add(micro.Average(m => m.GetProperty("loss").GetDouble()));
            tokens += micro.Sum(m => m.GetProperty("tokens").GetInt64());
            if ((step + 1) % every != 0)
                continue;
            AssertEqual(golden, logged[step + 1], "", window.Fill(Point(losses.Average(), tokens)));
            (window, losses) = (new(), []);
        }
        var evaluation = parts.Where(p => p.GetProperty("mode").GetString() == "eval").ToList();
        evaluation.ForEach(m => window = Added(window: evaluation.IndexOf(m) == 0 ? new() : window, Measure(m, beta)));
        var loss = evaluation.Sum(m => m.GetProperty("loss").GetDouble() * Pairs(m)) / evaluation.Sum(Pairs);
        AssertEqual(golden, json.GetProperty("evaluated"), "eval_", window.Fill(Point(loss, tokens)));
    }

    private static int Pairs(JsonElement micro) => micro.GetProperty("policy_chosen_logps").GetArrayLength();

    private static MetricsWindow Added(MetricsWindow window, MicroBatchMetrics part)
    {
        window.Add(part);
        return window;
    }

    private static MicroBatchMetrics Measure(JsonElement micro, double beta)
    {
        Tensor Of(string key) => tensor(micro.GetProperty(key).EnumerateArray().Select(e => e.GetSingle()).ToArray());
        double Number(string key) => micro.GetProperty(key).GetDouble();
        var pairs = new PairLogProbs(Of("policy_chosen_logps"), Of("policy_rejected_logps"), Of("ref_chosen_logps"), Of("ref_rejected_logps"))
        {
            ChosenLengths = ones(1),
            RejectedLengths = ones(1),
        };
        return new(Number("entropy_sum") / (Number("chosen_tokens") + Number("rejected_tokens")), Number("chosen_hits") / Number("chosen_tokens"))
        {
            Pairs = PairMetrics.Of(pairs, new PreferenceLoss.Sigmoid(beta)) with
            {
                ChosenLogit = Number("chosen_logit_sum") / Number("chosen_tokens"),
                RejectedLogit = Number("rejected_logit_sum") / Number("rejected_tokens"),
            },
        };
    }

    private static TrainingPoint Point(double loss, long tokens) =>
        new() { Step = 0, LearningRate = 0, Loss = loss, GradientNorm = 0, Entropy = 0, TokenAccuracy = 0, Tokens = tokens };

    private static void AssertEqual(GoldenCase golden, JsonElement expected, string prefix, TrainingPoint point)
    {
        var actual = JsonDocument.Parse(JsonSerializer.Serialize(point)).RootElement;
        foreach (var metric in expected.EnumerateObject().Where(m => m.Name is not ("grad_norm" or "learning_rate" or "step")))
            golden.AssertClose(metric.Name, metric.Value.GetDouble(), actual.GetProperty(metric.Name[prefix.Length..]).GetDouble());
    }
}
