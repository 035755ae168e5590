using System.Text.Json;
using TorchSharp;
using Vpo.Models.Layers;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "cogvideox_transformer")]
public sealed class TransformerGoldenTests
{
    private static readonly string[] KnownKeys =
    [
        "family", "case", "seed", "made_with", "source", "tolerance", "notes", "rotary", "grad_norm", "grad_square_sums", "scheduler", "sgd_lr",
        "max_abs_gap_bf16_to_f32", "error_on_other_height_or_width",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("cogvideox_transformer");

    private static CogVideoXTransformer Load(GoldenCase golden, ScalarType type = ScalarType.Float32) =>
        CogVideoXTransformer.Open(golden.PathTo("model"), type, device: Golden.Device);

    [Theory, MemberData(nameof(Cases))]
    public void Predict_EveryInput_GivesSampleAndInnerResults(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_transformer", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        using var quiet = no_grad();
        var expected = golden.TensorNames.Where(t => t.StartsWith("out.", StringComparison.Ordinal)).Select(t => t[4..]).ToHashSet();
        expected.RemoveWhere(t => t.StartsWith("loss", StringComparison.Ordinal) || t.EndsWith("_sgd", StringComparison.Ordinal) || t.EndsWith("_bf16", StringComparison.Ordinal));
        foreach (var input in golden.TensorNames.Where(t => t.StartsWith("in.hidden_states", StringComparison.Ordinal)))
        {
            var suffix = input["in.hidden_states".Length..];
            void Compare(string inner, Tensor value)
            {
                if (expected.Remove(inner + suffix))
                    golden.AssertClose("out." + inner + suffix, value);
            }
            var ofs = golden.Has("in.ofs" + suffix) ? golden.Tensor("in.ofs" + suffix) : null;
            Compare("sample", model.Predict(golden.Tensor(input), golden.Tensor("in.timestep" + suffix), golden.Tensor("in.encoder_hidden_states" + suffix), ofs, Compare));
            if (suffix.Length == 0 && expected.Remove("pos_embedding"))
                golden.AssertClose("out.pos_embedding", Positions(model, golden.Tensor(input)));
        }
        Assert.Empty(expected);
    }

    private static Tensor Positions(CogVideoXTransformer model, Tensor latents)
    {
        var table = SincosPositions.Create(model.Config, Grid.Of(latents, model.Config), float32, latents.device);
        return cat([zeros(1, model.Config.MaxTextLength, model.Config.Width, device: latents.device), table], 1);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Rotary_EveryInput_GivesTheReferenceTables(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_transformer", name);
        using var scope = NewDisposeScope();
        var config = TransformerConfig.Open(golden.PathTo("model/config.json"));
        var tables = golden.TensorNames.Where(t => t.StartsWith("in.rotary_cos", StringComparison.Ordinal)).ToList();
        Assert.Equal(config.Rotary, tables.Count > 0);
        foreach (var suffix in tables.Select(t => t["in.rotary_cos".Length..]))
        {
            var rotary = RotaryPositions.Create(config, Grid.Of(golden.Tensor("in.hidden_states" + suffix), config), Golden.Device);
            golden.AssertClose("in.rotary_cos" + suffix, rotary.Cos.repeat_interleave(2, 1));
            golden.AssertClose("in.rotary_sin" + suffix, rotary.Sin.repeat_interleave(2, 1));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Predict_InBfloat16_StaysWithinTheLooseTolerance(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_transformer", name);
        if (!golden.Has("out.sample_bf16"))
            return;
        using var scope = NewDisposeScope();
        using var model = Load(golden, ScalarType.BFloat16);
        using var mixed = CogVideoXTransformer.Open(golden.PathTo("model"), ScalarType.Float32, ScalarType.BFloat16, Golden.Device);
        using var quiet = no_grad();
        foreach (var each in new[] { model, mixed })
        {
            var sample = each.forward(golden.Tensor("in.hidden_states"), golden.Tensor("in.timestep"), golden.Tensor("in.encoder_hidden_states"));
            Assert.Equal(ScalarType.BFloat16, sample.dtype);
            golden.AssertClose("out.sample_bf16", sample);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Predict_OtherSizeThanLearned_IsRefused(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_transformer", name);
        if (!golden.Json.TryGetProperty("error_on_other_height_or_width", out var refuses) || !refuses.GetBoolean())
            return;
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        var (config, text) = (model.Config, golden.Tensor("in.encoder_hidden_states"));
        foreach (var (height, width) in new[] { (config.SampleHeight + 2, config.SampleWidth), (config.SampleHeight, config.SampleWidth + 2) })
        {
            var latents = zeros([text.shape[0], config.SampleLatentFrames, config.InChannels, height, width], device: Golden.Device);
            Assert.Throws<ArgumentException>(() => model.forward(latents, golden.Tensor("in.timestep"), text));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Backward_GoldenLoss_GivesGradientsAndOneStep(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_transformer", name);
        if (!golden.Has("out.loss"))
            return;
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        model.RequireGradients();
        CheckNoising(golden);
        Tensor Predict() => model.forward(golden.Tensor("in.hidden_states"), golden.Tensor("in.timestep"), golden.Tensor("in.encoder_hidden_states"));
        var loss = nn.functional.mse_loss(Predict(), golden.Tensor("in.target"));
        golden.AssertClose("out.loss", loss);
        loss.backward();
        CheckGradients(golden, model);
        using var quiet = no_grad();
        var rate = golden.Json.GetProperty("sgd_lr").GetDouble();
        foreach (var parameter in model.parameters())
            parameter.add_(parameter.grad!, -rate);
        golden.AssertClose("out.sample_after_sgd", Predict());
        golden.AssertClose("out.loss_after_sgd", nn.functional.mse_loss(Predict(), golden.Tensor("in.target")));
    }

    private static void CheckNoising(GoldenCase golden)
    {
        var config = NoiseScheduleConfig.Read(Vpo.Models.Checkpoints.ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(golden.Json.GetProperty("scheduler")), "case.json"));
        var schedule = new NoiseSchedule(config);
        var (x0, noise, timesteps) = (golden.Tensor("in.x0"), golden.Tensor("in.noise"), golden.Tensor("in.timestep"));
        golden.AssertClose("in.hidden_states", schedule.AddNoise(x0, noise, timesteps));
        golden.AssertClose("in.target", schedule.Velocity(x0, noise, timesteps));
    }

    private static void CheckGradients(GoldenCase golden, CogVideoXTransformer model)
    {
        var sums = golden.Json.GetProperty("grad_square_sums").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetDouble());
        var gradients = golden.TensorNames.Where(t => t.StartsWith("grad.", StringComparison.Ordinal)).ToHashSet();
        var total = 0.0;
        foreach (var (parameter, value) in model.named_parameters())
        {
            var found = value.grad!.to(float64).square().sum().item<double>();
            Assert.True(sums.Remove(parameter, out var sum), parameter);
            Assert.True(Math.Abs(found - sum) <= 1e-9 + 1e-3 * sum, $"{parameter}: expected a square sum of {sum}, found {found}");
            total += found;
            if (gradients.Remove("grad." + parameter))
                golden.AssertClose("grad." + parameter, value.grad!);
        }
        golden.AssertClose("grad_norm", golden.Json.GetProperty("grad_norm").GetDouble(), Math.Sqrt(total));
        Assert.Empty(sums);
        Assert.Empty(gradients);
    }
}
