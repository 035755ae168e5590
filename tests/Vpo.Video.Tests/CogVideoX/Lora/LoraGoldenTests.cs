using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "diffusers_lora")]
public sealed class LoraGoldenTests
{
    private static readonly string[] KnownKeys =
        ["family", "case", "seed", "made_with", "source", "tolerance", "notes", "rank", "lora_alpha", "target_modules", "effective_scaling", "alpha_in_file", "keys"];

    public static TheoryData<string> Cases() => Golden.Cases("diffusers_lora");

    private static GoldenCase Open(string name)
    {
        var golden = GoldenCase.Open("diffusers_lora", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        return golden;
    }

    private static CogVideoXTransformer Model(GoldenCase golden) => CogVideoXTransformer.Open(golden.PathTo("model/transformer"), float32, device: Golden.Device);

    private static Tensor Sample(CogVideoXTransformer model, GoldenCase golden) =>
        model.forward(golden.Tensor("in.hidden_states"), golden.Tensor("in.timestep"), golden.Tensor("in.encoder_hidden_states"));

    [Theory, MemberData(nameof(Cases))]
    public void Adapter_Golden_GivesSamplesLossAndGradients(string name)
    {
        using var golden = Open(name);
        using var scope = NewDisposeScope();
        using var model = Model(golden);
        golden.AssertClose("out.sample_base", Sample(model, golden));
        using var lora = CogVideoXLora.Open(model, golden.PathTo("model/lora"));
        Assert.Equal(golden.Json.GetProperty("keys").EnumerateArray().Select(k => k.GetString()!).Order(), lora.Parameters.Select(p => p.Name).Order());
        foreach (var (_, parameter) in lora.Parameters)
            parameter.requires_grad = true;
        var sample = Sample(model, golden);
        golden.AssertClose("out.sample_lora", sample);
        var loss = nn.functional.mse_loss(sample, golden.Tensor("in.target"));
        golden.AssertClose("out.loss", loss);
        loss.backward();
        var gradients = golden.TensorNames.Where(t => t.StartsWith("grad.", StringComparison.Ordinal)).ToHashSet();
        foreach (var (key, parameter) in lora.Parameters)
        {
            Assert.True(gradients.Remove("grad." + key), key);
            golden.AssertClose("grad." + key, parameter.grad!);
        }
        Assert.Empty(gradients);
        using (lora.Off())
            golden.AssertClose("out.sample_base", Sample(model, golden));
        lora.Strength = 0.7;
        golden.AssertClose("out.sample_lora_0_7", Sample(model, golden));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Fuse_Golden_GivesTheSameSamplesAndUnfuseTheBaseToTheBit(string name)
    {
        using var golden = Open(name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model(golden);
        var before = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        using var lora = CogVideoXLora.Open(model, golden.PathTo("model/lora"));
        foreach (var (strength, expected) in new[] { (1.0, "out.sample_lora"), (0.7, "out.sample_lora_0_7") })
        {
            lora.Strength = strength;
            lora.Fuse();
            golden.AssertClose(expected, Sample(model, golden));
        }
        Assert.Throws<InvalidOperationException>(lora.Off);
        lora.Unfuse();
        Assert.All(model.named_parameters(), p => Assert.True(p.parameter.eq(before[p.name]).all().item<bool>(), p.name));
        golden.AssertClose("out.sample_lora_0_7", Sample(model, golden));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Save_Golden_OpensAgainAsTheSame(string name)
    {
        using var golden = Open(name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model(golden);
        var folder = Directory.CreateTempSubdirectory("vpo-lora-").FullName;
        try
        {
            using (var lora = CogVideoXLora.Open(model, golden.PathTo("model/lora")))
                lora.Save(folder);
            golden.AssertClose("out.sample_base", Sample(model, golden));
            using var again = CogVideoXLora.Open(model, folder);
            golden.AssertClose("out.sample_lora", Sample(model, golden));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Open_OlderSpellings_MeanTheSame(string name)
    {
        using var golden = Open(name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model(golden);
        var path = Path.Combine(Directory.CreateTempSubdirectory("vpo-lora-").FullName, "old.safetensors");
        using var file = SafetensorsFile.Open(golden.PathTo("model/lora/pytorch_lora_weights.safetensors"));
        var scale = golden.Json.GetProperty("effective_scaling").GetDouble();
        var tensors = file.Shapes.Keys.Select(key => KeyValuePair.Create(key["transformer.".Length..].Replace("lora_A", "lora.down").Replace("lora_B", "lora.up"), file.Read(key)))
            .Concat(file.Shapes.Where(s => s.Key.EndsWith("lora_A.weight", StringComparison.Ordinal)).Select(s => KeyValuePair.Create(s.Key["transformer.".Length..].Replace(".lora_A.weight", ".alpha"), tensor(scale * s.Value[0]))));
        try
        {
            SafetensorsWriter.Write(path, tensors);
            using var lora = CogVideoXLora.Open(model, path);
            golden.AssertClose("out.sample_lora", Sample(model, golden));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
