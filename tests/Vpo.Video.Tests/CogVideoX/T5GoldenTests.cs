using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "t5_encoder")]
public sealed class T5GoldenTests
{
    private static readonly string[] KnownKeys =
    [
        "family", "case", "seed", "made_with", "source", "tolerance", "notes", "max_abs_gap_bf16_to_f32", "dtypes_when_loaded_as_bf16", "float32_when_loaded_as_fp16",
    ];

    public static TheoryData<string> Cases() => Golden.Cases("t5_encoder");

    [Theory, MemberData(nameof(Cases))]
    public void Encode_WithAndWithoutMask_GivesHiddenStates(string name)
    {
        using var golden = GoldenCase.Open("t5_encoder", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        using var model = T5Encoder.Open(golden.PathTo("model"), ScalarType.Float32, device: Golden.Device);
        using var quiet = no_grad();
        var expected = golden.TensorNames.Where(t => t.StartsWith("out.", StringComparison.Ordinal)).Select(t => t[4..]).ToHashSet();
        void Compare(string inner, Tensor value)
        {
            if (expected.Remove(inner))
                golden.AssertClose("out." + inner, value);
        }
        Compare("last_hidden_state", model.Encode(golden.Tensor("in.input_ids"), null, Compare));
        Compare("last_hidden_state_masked", model.Encode(golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask")));
        expected.Remove("last_hidden_state_bf16");
        Assert.Empty(expected);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Encode_InHalfPrecision_StaysNear(string name)
    {
        using var golden = GoldenCase.Open("t5_encoder", name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var exact = golden.Tensor("out.last_hidden_state");
        foreach (var type in new[] { ScalarType.BFloat16, ScalarType.Float16 })
        {
            using var model = T5Encoder.Open(golden.PathTo("model"), type, device: Golden.Device);
            var hidden = model.forward(golden.Tensor("in.input_ids"));
            Assert.Equal(type, hidden.dtype);
            if (type == ScalarType.BFloat16 && golden.Has("out.last_hidden_state_bf16"))
                golden.AssertClose("out.last_hidden_state_bf16", hidden);
            Assert.True((hidden.to(float32) - exact).abs().max().item<float>() < 0.15f);
        }
    }
}
