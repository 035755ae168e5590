using System.Text.Json;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Gguf;

[Trait("Category", "Golden")]
[Trait("Family", "gguf")]
public sealed class GgufGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("gguf");

    [Theory, MemberData(nameof(Cases))]
    public void Open_GoldenFile_GivesTheReferenceTensorsOrLogits(string name)
    {
        using var golden = GoldenCase.Open("gguf", name);
        using var scope = NewDisposeScope();
        if (golden.Has("out.logits"))
            AssertLogits(golden);
        else
            AssertTensors(golden);
    }

    private static void AssertLogits(GoldenCase golden)
    {
        using var checkpoint = LlamaCheckpoint.Open(golden.PathTo("model.gguf"));
        using var model = checkpoint.Load(ScalarType.Float32, device: Golden.Device);
        using var quiet = no_grad();
        golden.AssertClose("out.logits", model.forward(golden.Tensor("in.input_ids")));
    }

    private static void AssertTensors(GoldenCase golden)
    {
        using var file = GgufFile.Open(golden.PathTo("tensors.gguf"));
        var expected = golden.TensorNames.ToList();
        Assert.Equal(expected.Order(StringComparer.Ordinal), file.Shapes.Keys.Select(n => "out." + n).Order(StringComparer.Ordinal));
        foreach (var name in expected)
            golden.AssertClose(name, file.Read(name["out.".Length..]).to(float32));
        foreach (var entry in golden.Json.GetProperty("metadata").EnumerateObject())
        {
            var key = file.Metadata.Keys.Single(k => k == entry.Name || k.EndsWith("." + entry.Name, StringComparison.Ordinal));
            AssertValue(entry.Value, file.Metadata[key]);
        }
    }

    private static void AssertValue(JsonElement expected, object actual)
    {
        if (actual is Array list)
            Assert.All(expected.EnumerateArray().Zip(list.Cast<object>()), pair => AssertValue(pair.First, pair.Second));
        else if (actual is string or bool)
            Assert.Equal(expected.ToString(), actual.ToString());
        else
            Assert.Equal(expected.GetDouble(), Convert.ToDouble(actual, System.Globalization.CultureInfo.InvariantCulture), 6);
    }
}
