using System.Text.Json;
using Vpo.Models.Decoding;
using Vpo.Models.Llama;

namespace Vpo.Models.Tests.Decoding;

/// <summary>What reading weights in a narrower type costs a real model: nats a token on real queries.</summary>
public sealed unsafe class WeightTypeQualityTests(ITestOutputHelper output)
{
    private const int Length = 30, Texts = 8;

    [Fact, Trait("Category", "Weights")]
    public void Forward_RealQueriesInEachType_AreAboutAsLikely()
    {
        using var checkpoint = LlamaCheckpoint.Open(Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"));
        using var model = checkpoint.Load();
        using var file = JsonDocument.Parse(File.ReadAllText(Repository.Data("vpo/dpo_prompts.json")));
        List<int[]> texts = [.. file.RootElement.EnumerateArray().Select(q => checkpoint.Tokenizer.Encode(q.GetString()!).Take(Length).ToArray()).Where(ids => ids.Length == Length).Take(Texts)];
        var nats = new[] { WeightType.Float32, WeightType.BFloat16, WeightType.Int8 }.ToDictionary(type => type, type => MeanNats(model, type, texts));
        output.WriteLine(string.Join(", ", nats.Select(n => FormattableString.Invariant($"{n.Key} {n.Value:0.0000}"))));
        Assert.InRange(nats[WeightType.Float32], 2, 6);   // it reads sense
        Assert.Equal(nats[WeightType.Float32], nats[WeightType.BFloat16], 0.03);
        Assert.Equal(nats[WeightType.Float32], nats[WeightType.Int8], 0.03);
    }

    private static double MeanNats(LlamaModel model, WeightType type, List<int[]> texts)
    {
        using var engine = new LlamaEngine(model, type);
        using var space = new Workspace(type);
        var strands = texts.ConvertAll(_ => new Strand(engine.Shape));
        var sum = 0.0;
        for (var i = 0; i + 1 < Length; i++)
        {
            engine.Forward([.. texts.Select((ids, row) => new Feed(strands[row], ids.AsMemory(i, 1), WantsLogits: true))], inLibrary: false, space);
            for (var row = 0; row < texts.Count; row++)
            {
                var logits = new ReadOnlySpan<float>(space.Logits + (nint)row * engine.Vocabulary, engine.Vocabulary).ToArray();
                var most = logits.Max();
                sum += most + Math.Log(logits.Sum(l => Math.Exp(l - most))) - logits[texts[row][i + 1]];
            }
        }
        return sum / ((Length - 1) * texts.Count);
    }
}
