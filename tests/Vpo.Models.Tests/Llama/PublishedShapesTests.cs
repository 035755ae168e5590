using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Models.Llama;

namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "shapes")]
public sealed class PublishedShapesTests
{
    private static LlamaConfig Config(long hidden, long wide, int layers, (long Queries, long Keys, long Dim) heads, long vocabulary = 128256, bool tied = true) => new()
    {
        HiddenSize = hidden,
        IntermediateSize = wide,
        Layers = layers,
        Heads = heads.Queries,
        KeyValueHeads = heads.Keys,
        HeadDim = heads.Dim,
        VocabularySize = vocabulary,
        TiedHead = tied,
    };

    public static TheoryData<string, LlamaConfig> Models() => new()
    {
        { "llama-3-8b", Config(4096, 14336, 32, (32, 8, 128), tied: false) },
        { "llama-3.2-1b", Config(2048, 8192, 16, (32, 8, 64)) },
        { "llama-3.2-3b", Config(3072, 8192, 28, (24, 8, 128)) },
        { "smollm2-135m", Config(576, 1536, 30, (9, 3, 64), 49152) },
    };

    [Theory, MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public void ShapesOf_PublishedModel_AreThePublishedOnes(string name, LlamaConfig config)
    {
        var path = Path.Combine(Golden.Root, "shapes", name + ".json");
        Assert.SkipUnless(File.Exists(path), "shapes: not under VPO_GOLDEN");
        var expected = JsonSerializer.Deserialize<Dictionary<string, long[]>>(File.ReadAllText(path))!;
        if (config.TiedHead)
            expected.Remove("lm_head.weight");   // listed by transformers although it is the embedding table
        var found = Weights.ShapesOf(weights => new LlamaModel(config, weights));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, entry => Assert.Equal(entry.Value, found[entry.Key]));
    }
}
