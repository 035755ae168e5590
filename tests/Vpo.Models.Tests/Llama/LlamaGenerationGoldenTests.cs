using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Llama;

[Trait("Category", "Golden")]
[Trait("Family", "llama")]
public sealed class LlamaGenerationGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("llama");

    private static List<int[]> Prompts(GoldenCase golden)
    {
        var (ids, mask) = (golden.Tensor("in.prompt_ids").cpu(), golden.Tensor("in.prompt_mask").cpu());
        return [.. Enumerable.Range(0, (int)ids.shape[0]).Select(row =>
            ids[row].data<long>().Zip(mask[row].data<long>()).Where(pair => pair.Second != 0).Select(pair => (int)pair.First).ToArray())];
    }

    [Theory, MemberData(nameof(Cases))]
    public void Generate_Greedy_GivesTheReferenceIds(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = LlamaGoldenTests.Load(golden);
        var (generate, prompts) = (golden.Json.GetProperty("generate"), Prompts(golden));
        Assert.False(generate.GetProperty("do_sample").GetBoolean());
        var (room, pad) = (generate.GetProperty("max_new_tokens").GetInt32(), generate.GetProperty("pad_token_id").GetInt64());
        foreach (var run in generate.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Object))
        {
            var settings = ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(run.Value), run.Name);
            Assert.Equal(["eos_token_id"], run.Value.EnumerateObject().Select(p => p.Name));
            var options = new SamplingOptions { Greedy = true, MaxNewTokens = room, StopIds = settings.Ids("eos_token_id") };
            var answers = new TextGenerator(model).Generate([.. prompts.Select(p => new GenerationRequest(p))], options);
            var expected = golden.Tensor("out." + run.Name).cpu();
            var start = golden.Tensor("in.prompt_ids").shape[1];
            for (var row = 0; row < prompts.Count; row++)
            {
                var ids = expected[row].data<long>().ToArray()[(int)start..];
                var stop = Array.FindIndex(ids, id => options.StopIds!.Contains((int)id));
                Assert.Equal(stop < 0 ? ids : ids[..stop], answers[row].Ids.Select(id => (long)id));
                Assert.Equal(stop < 0 ? FinishReason.Length : FinishReason.StopId, answers[row].Reason);
                Assert.True(stop < 0 || ids[(stop + 1)..].All(id => id == pad), "the pad id follows");
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Step_Greedy_GivesTheReferenceScores(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = LlamaGoldenTests.Load(golden);
        using var quiet = inference_mode();
        var expected = golden.Tensor("out.greedy_scores");
        using var batch = GenerationBatch.Start(model, Prompts(golden), (int)expected.shape[0]);
        var scores = new List<Tensor>();
        for (var step = 0; ; step++)
        {
            scores.Add(batch.Logits.clone());
            if (step == expected.shape[0] - 1)
                break;
            batch.Step(Array.ConvertAll(batch.Logits.argmax(1).cpu().data<long>().ToArray(), id => (int)id));
        }
        golden.AssertClose("out.greedy_scores", stack(scores));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Step_WithCache_GivesTheReferenceLogits(string name)
    {
        using var golden = GoldenCase.Open("llama", name);
        using var scope = NewDisposeScope();
        using var model = LlamaGoldenTests.Load(golden);
        using var quiet = inference_mode();
        var ids = Array.ConvertAll(golden.Tensor("in.kv_ids").cpu().data<long>().ToArray(), id => (int)id);
        var prefill = golden.Json.GetProperty("kv").GetProperty("prefill").GetInt32();
        using var batch = GenerationBatch.Start(model, [ids[..prefill]], ids.Length - prefill);
        var steps = new List<Tensor> { batch.Logits.clone() };
        foreach (var id in ids[prefill..])
        {
            batch.Step([id]);
            steps.Add(batch.Logits.clone());
        }
        golden.AssertClose("out.kv_step_logits", cat(steps));
    }
}
