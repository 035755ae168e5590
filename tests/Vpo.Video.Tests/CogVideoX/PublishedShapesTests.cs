using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Names and shapes of the published models, on the meta device.</summary>
[Trait("Category", "Golden")]
[Trait("Family", "shapes")]
public sealed class PublishedShapesTests
{
    private static readonly TransformerConfig Large = new() { Heads = 48, HeadDim = 64, Layers = 42, Rotary = true };

    private static readonly Dictionary<string, TransformerConfig> Transformers = new()
    {
        ["cogvideox-2b"] = new() { Heads = 30, HeadDim = 64, Layers = 30 },
        ["cogvideox-5b"] = Large,
        ["cogvideox-5b-I2V"] = Large with { InChannels = 32, LearnedPositions = true },
        ["cogvideox-1.5-5b"] = Large with { FramePatch = 2, PatchBias = false, SampleFrames = 81 },
        ["cogvideox-1.5-5b-I2V"] = Large with { FramePatch = 2, PatchBias = false, SampleFrames = 81, InChannels = 32, OfsWidth = 512 },
    };

    public static TheoryData<string> TransformerNames() => [.. Transformers.Keys];

    [Theory, MemberData(nameof(TransformerNames))]
    public void Transformer_Shapes_AreThePublishedOnes(string model) => Check(model, weights => new CogVideoXTransformer(Transformers[model], weights));

    [Fact]
    public void Autoencoder_Shapes_AreThePublishedOnes() => Check("cogvideox-vae", weights => new CogVideoXAutoencoder(new(), weights));

    [Fact]
    public void T5Xxl_Shapes_AreThePublishedOnes() => Check("t5-v1_1-xxl-encoder", weights => new T5Encoder(new(), weights));

    private static void Check<T>(string model, Func<Weights, T> construct) where T : nn.Module
    {
        var path = Path.Combine(Golden.Root, "shapes", model + ".json");
        if (!File.Exists(path) && Golden.IsForeign)
            Assert.Skip("shapes: not under VPO_GOLDEN");
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        var expected = json.RootElement.EnumerateObject().ToDictionary(e => e.Name, e => string.Join(",", e.Value.EnumerateArray().Select(n => n.GetInt64())));
        var found = Weights.ShapesOf(construct).ToDictionary(e => e.Key, e => string.Join(",", e.Value));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.OrderBy(e => e.Key, StringComparer.Ordinal), found.OrderBy(e => e.Key, StringComparer.Ordinal));
    }
}
