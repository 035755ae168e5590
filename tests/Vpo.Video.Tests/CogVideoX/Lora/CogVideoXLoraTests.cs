using Vpo.Models.Checkpoints;
using Vpo.Models.Lora;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class CogVideoXLoraTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-lora-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CogVideoXTransformer Model() => CogVideoXTransformer.Initialize(Tiny.Transformer, 1);

    private string Write(Dictionary<string, Tensor> tensors, string? metadata = null)
    {
        var path = Path.Combine(_folder, CogVideoXLora.FileName);
        SafetensorsWriter.Write(path, tensors, metadata is null ? null : new Dictionary<string, string> { ["lora_adapter_metadata"] = metadata });
        return path;
    }

    [Fact]
    public void Create_NewAdapter_ChangesNothingAndIsTheOnlyOne()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model();
        Tensor Sample() => model.forward(ones([1, 3, 4, 4, 4]), tensor(new[] { 5L }), ones([1, Tiny.TextLength, 16]));
        var before = Sample();
        using var lora = CogVideoXLora.Create(model, new() { Rank = 2, Alpha = 4, Targets = CogVideoXLora.AttentionTargets }, 3);
        Assert.True(before.eq(Sample()).all().item<bool>());
        Assert.Equal(2 * 4 * 2, lora.Parameters.Count());
        Assert.Throws<InvalidOperationException>(() => CogVideoXLora.Create(model, new() { Rank = 2, Alpha = 4, Targets = CogVideoXLora.AttentionTargets }, 3));
    }

    [Fact]
    public void Open_RanksThatDiffer_SavesAndOpensWithTheSameScales()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Model();
        const string Query = "transformer.transformer_blocks.0.attn1.to_q", Key = "transformer.transformer_blocks.1.attn1.to_k";
        Write(new()
        {
            [Query + ".lora_A.weight"] = ones(2, 32),
            [Query + ".lora_B.weight"] = ones(32, 2),
            [Key + ".lora_A.weight"] = ones(4, 32),
            [Key + ".lora_B.weight"] = ones(32, 4),
        }, """{"transformer.r": 2, "transformer.lora_alpha": 3, "transformer.rank_pattern": {"to_k": 4}, "transformer.alpha_pattern": {"attn1.to_k": 8}}""");
        Tensor Fused(string name)
        {
            using var lora = CogVideoXLora.Open(model, _folder);
            lora.Fuse();
            var changed = model.named_parameters().First(p => p.name == name).parameter.clone();
            lora.Unfuse();
            lora.Save(_folder);
            return changed;
        }
        foreach (var (name, added) in new[] { ("transformer_blocks.0.attn1.to_q.weight", 3.0), ("transformer_blocks.1.attn1.to_k.weight", 8.0) })
        {
            var plain = model.named_parameters().First(p => p.name == name).parameter.clone();
            for (var round = 0; round < 2; round++)
                Assert.True(allclose(Fused(name), plain.add(added), 1e-5, 1e-5), name);
        }
    }

    [Theory]
    [InlineData("text_encoder.block.lora_A.weight", null, "text encoder")]
    [InlineData("transformer.nowhere.lora_A.weight", null, "nowhere")]
    [InlineData("transformer.x.weight", null, "no LoRA file")]
    [InlineData("transformer.proj_out.lora_A.weight", """{"transformer.lora_alpha": 1, "transformer.bias": "all"}""", "bias")]
    [InlineData("transformer.proj_out.lora_A.weight", """{"transformer.lora_alpha": 1, "transformer.modules_to_save": ["x"]}""", "modules_to_save")]
    [InlineData("transformer.proj_out.lora_A.weight", "nonsense", "lora_adapter_metadata")]
    [InlineData("transformer.proj_out.lora_A.weight", null, "proj_out.lora_B.weight")]
    public void Open_WhatIsNotSupported_IsRefusedByNameAndLeavesTheModelFree(string key, string? metadata, string named)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        Write(new() { [key] = ones(2, 32) }, metadata);
        Assert.Contains(named, Assert.ThrowsAny<Exception>(() => CogVideoXLora.Open(model, _folder)).Message, StringComparison.Ordinal);
        Assert.Null(model.Adapter);
    }
}
