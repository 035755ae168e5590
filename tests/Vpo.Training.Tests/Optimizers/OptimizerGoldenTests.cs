using System.Text.Json;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Vpo.Training.Optimizers;

public sealed class OptimizerGoldenTests
{
    public static TheoryData<string> Cases => Golden.Cases("adamw");

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "adamw")]
    public void Step_Golden_EqualsTorch(string name) => Run(name, fused: true);

    [Theory, MemberData(nameof(Cases))]
    [Trait("Category", "Golden"), Trait("Family", "adamw")]
    public void Step_GoldenWithoutFusedKernel_EqualsTorch(string name) => Run(name, fused: false);

    private static void Run(string name, bool fused)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("adamw", name);
        var json = golden.Json;
        foreach (var property in json.EnumerateObject())
            Assert.Contains(property.Name, (string[])["family", "case", "seed", "made_with", "source", "tolerance", "notes", "optimizer", "steps", "max_norm", "lr_per_step", "weight_decay_of"]);
        var names = golden.TensorNames.Where(n => n.StartsWith("in.grad_", StringComparison.Ordinal)).Select(n => n["in.grad_".Length..]).ToArray();
        var parameters = Array.ConvertAll(names, n => (n, new Parameter(golden.Tensor("in." + n).clone())));
        using var trained = new TrainedParameters(parameters);
        using var optimizer = Create(json, trained, fused);
        double? limit = json.GetProperty("max_norm") is { ValueKind: JsonValueKind.Number } max ? max.GetDouble() : null;
        var defaults = json.GetProperty("optimizer").GetProperty("defaults");
        for (var step = 0; step < json.GetProperty("steps").GetInt32(); step++)
        {
            foreach (var (i, n) in names.Index())
                trained.Gradients[i].copy_(golden.Tensor("in.grad_" + n)[step]);
            golden.AssertClose("out.norm", golden.Tensor("out.norm")[step], tensor((float)trained.Clip(limit), device: Golden.Device));
            optimizer.Step(RateOf(json, defaults, step));
            foreach (var (n, value) in parameters)
                golden.AssertClose("out." + n, golden.Tensor("out." + n)[step], value);
        }
        var state = optimizer.State.ToDictionary(s => s.Key, s => s.Value);
        foreach (var expected in golden.TensorNames.Where(n => n.StartsWith("out.state_", StringComparison.Ordinal)))
            golden.AssertClose(expected, state[expected["out.state_".Length..]]);
    }

    private static double RateOf(JsonElement json, JsonElement defaults, int step) =>
        json.GetProperty("lr_per_step") is { ValueKind: JsonValueKind.Array } rates ? rates[step].GetDouble()
        : defaults.GetProperty("lr") is { ValueKind: JsonValueKind.Number } rate ? rate.GetDouble() : double.NaN;

    private static IOptimizer Create(JsonElement json, TrainedParameters trained, bool fused)
    {
        var defaults = json.GetProperty("optimizer").GetProperty("defaults");
        switch (json.GetProperty("optimizer").GetProperty("class").GetString())
        {
            case "AdamW":
                Refuse(defaults, ["lr", "betas", "eps", "weight_decay", "foreach", "capturable", "differentiable", "fused"], ["amsgrad", "maximize"], ["decoupled_weight_decay"]);
                var decay = defaults.GetProperty("weight_decay").GetDouble();
                var special = json.GetProperty("weight_decay_of");
                return new AdamW(trained, new()
                {
                    Beta1 = defaults.GetProperty("betas")[0].GetDouble(),
                    Beta2 = defaults.GetProperty("betas")[1].GetDouble(),
                    Epsilon = defaults.GetProperty("eps").GetDouble(),
                    WeightDecay = decay,
                    Fused = fused,
                }, name => special.TryGetProperty(name, out var own) ? own.GetDouble() : decay);
            case "Adafactor":
                if (!fused)
                    Assert.Skip("Adafactor has no fused kernel: once is enough");
                return CreateAdafactor(defaults, trained, json.GetProperty("weight_decay_of"));
            case var other:
                throw new NotSupportedException($"optimizer '{other}' is not known");
        }
    }

    private static Adafactor CreateAdafactor(JsonElement defaults, TrainedParameters trained, JsonElement special)
    {
        Refuse(defaults, ["lr", "eps", "clip_threshold", "decay_rate", "beta1", "weight_decay", "scale_parameter", "relative_step", "warmup_init"], [], []);
        var decay = defaults.GetProperty("weight_decay").GetDouble();
        return new(trained, new()
        {
            Epsilon = defaults.GetProperty("eps")[0].GetDouble(),
            LeastScale = defaults.GetProperty("eps")[1].GetDouble(),
            ClipThreshold = defaults.GetProperty("clip_threshold").GetDouble(),
            DecayRate = defaults.GetProperty("decay_rate").GetDouble(),
            Beta1 = defaults.GetProperty("beta1") is { ValueKind: JsonValueKind.Number } beta ? beta.GetDouble() : null,
            ScaleParameter = defaults.GetProperty("scale_parameter").GetBoolean(),
            RelativeStep = defaults.GetProperty("relative_step").GetBoolean(),
            WarmupInit = defaults.GetProperty("warmup_init").GetBoolean(),
        }, name => special.TryGetProperty(name, out var own) ? own.GetDouble() : decay);
    }

    private static void Refuse(JsonElement options, string[] free, string[] mustBeFalse, string[] mustBeTrue)
    {
        foreach (var option in options.EnumerateObject())
        {
            var known = free.Contains(option.Name) || (mustBeFalse.Contains(option.Name) && !option.Value.GetBoolean()) || (mustBeTrue.Contains(option.Name) && option.Value.GetBoolean());
            Assert.True(known, $"unknown option {option}");
        }
    }
}
