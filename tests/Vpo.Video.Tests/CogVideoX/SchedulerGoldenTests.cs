using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "cogvideox_schedulers")]
public sealed class SchedulerGoldenTests
{
    private static readonly string[] KnownKeys =
    [
        "family", "case", "seed", "made_with", "source", "tolerance", "notes", "scheduler", "timestep_spacing", "num_inference_steps", "latents_dtype",
        "noise_of_step", "lists", "alphas_cumprod_float64", "scheduler_config", "snr_shift_scale", "timesteps",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("cogvideox_schedulers");

    [Theory, MemberData(nameof(Cases))]
    public void Case_AsRecorded_IsReproduced(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_schedulers", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        if (golden.Json.TryGetProperty("lists", out var lists))
            CheckGuidance(golden, lists);
        else if (golden.Json.TryGetProperty("scheduler_config", out var config))
            CheckTables(golden, config);
        else
            CheckSteps(golden);
    }

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    private static void CheckGuidance(GoldenCase golden, JsonElement lists)
    {
        foreach (var list in lists.EnumerateArray())
        {
            var (steps, guidance) = (list.GetProperty("num_inference_steps").GetInt32(), new Guidance(list.GetProperty("guidance_scale").GetDouble(), Dynamic: true));
            var timesteps = Integers(list.GetProperty("timesteps"));
            Assert.Equal(timesteps, new NoiseSchedule(new()).Timesteps(steps));
            foreach (var (timestep, scale) in timesteps.Zip(list.GetProperty("scales").EnumerateArray()))
                golden.AssertClose("scales", scale.GetDouble(), guidance.At(timestep, steps));
        }
    }

    private static NoiseSchedule Schedule(JsonElement config, Dictionary<string, object> changes)
    {
        var all = config.EnumerateObject().ToDictionary(e => e.Name, e => (object)e.Value);
        foreach (var (key, value) in changes)
            all[key] = value;
        return new(NoiseScheduleConfig.Read(ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(all), "case.json")));
    }

    private static void CheckTables(GoldenCase golden, JsonElement config)
    {
        foreach (var shift in golden.Json.GetProperty("snr_shift_scale").EnumerateObject())
        {
            var schedule = Schedule(config, new() { ["snr_shift_scale"] = shift.Value });
            foreach (var entry in golden.Json.GetProperty("alphas_cumprod_float64").GetProperty(shift.Name).EnumerateObject())
                Assert.Equal(entry.Value.GetDouble(), schedule.Signal[int.Parse(entry.Name)], 1e-12);
            golden.AssertClose("out.alphas_cumprod_" + shift.Name, tensor(schedule.Signal.ToArray()));
            var (x0, noise, timesteps) = (golden.Tensor("in.x0_" + shift.Name), golden.Tensor("in.noise_" + shift.Name), golden.Tensor("in.timesteps_" + shift.Name));
            golden.AssertClose("out.noisy_" + shift.Name, schedule.AddNoise(x0, noise, timesteps));
            golden.AssertClose("out.velocity_" + shift.Name, schedule.Velocity(x0, noise, timesteps));
        }
        foreach (var spacing in golden.Json.GetProperty("timesteps").EnumerateObject())
        {
            var schedule = Schedule(config, new() { ["timestep_spacing"] = spacing.Name });
            foreach (var list in spacing.Value.EnumerateObject())
                CheckTimesteps(schedule, int.Parse(list.Name), Integers(list.Value));
        }
    }

    private static void CheckTimesteps(NoiseSchedule schedule, int steps, int[] expected)
    {
        if (expected.Length == steps)
            Assert.Equal(expected, schedule.Timesteps(steps));
        else
            Assert.Contains("try", Assert.Throws<ArgumentException>(() => schedule.Timesteps(steps)).Message);
    }

    private static void CheckSteps(GoldenCase golden)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(golden.PathTo("model/scheduler_config.json")));
        var schedule = Schedule(config.RootElement, new() { ["timestep_spacing"] = golden.Json.GetProperty("timestep_spacing") });
        var type = golden.Json.GetProperty("latents_dtype").GetString() == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
        var draws = 0;
        using var sampler = Sampler(golden, schedule, () => golden.Tensor($"in.noise{draws++}").to(type));
        Assert.Equal(golden.Tensor("out.timesteps").data<long>().ToArray(), sampler.Timesteps.Select(t => (long)t));
        var sample = golden.Tensor("in.sample").to(type);
        for (var i = 0; i < sampler.Timesteps.Count; i++)
        {
            var (velocity, first) = (golden.Tensor($"in.model_output{i}"), draws);
            golden.AssertClose($"out.pred_original{i}", schedule.Clean(sample, velocity, sampler.Timesteps[i]));
            sample = sampler.Step(i, sample, velocity).to(type);
            golden.AssertClose($"out.prev_sample{i}", sample);
            if (golden.Json.TryGetProperty("noise_of_step", out var noise))
                Assert.Equal(Integers(noise[i]), Enumerable.Range(first, draws - first));
        }
    }

    private static ISampler Sampler(GoldenCase golden, NoiseSchedule schedule, Func<Tensor> draw)
    {
        var steps = golden.Json.GetProperty("num_inference_steps").GetInt32();
        return golden.Json.GetProperty("scheduler").GetString() switch
        {
            "CogVideoXDDIMScheduler" => new DdimSampler(schedule, steps),
            "CogVideoXDPMScheduler" => new DpmSampler(schedule, steps, draw),
            var other => throw new InvalidOperationException($"unknown scheduler {other}"),
        };
    }
}
