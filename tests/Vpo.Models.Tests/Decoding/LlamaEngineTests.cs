using TorchSharp;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using Vpo.Models.Tests.Generation;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Decoding;

public sealed unsafe class LlamaEngineTests
{
    private static LlamaModel Model(LlamaConfig? config = null) => LlamaModel.Initialize(config ?? TextGeneratorTests.Tiny with { KeyValueHeads = 2 }, 1);

    private static int[] Ids(int count, int seed = 1) => [.. Enumerable.Range(0, count).Select(i => 3 + (seed * 31 + i * 17) % 150)];

    internal static float[] Logits(LlamaEngine engine, int vocabulary, IReadOnlyList<int[]> parts, bool inLibrary)
    {
        using var space = new Workspace(engine.Type);
        var strand = new Strand(engine.Shape);
        foreach (var part in parts)
            engine.Forward([new(strand, part, WantsLogits: true)], inLibrary, space);
        return new Span<float>(space.Logits, vocabulary).ToArray();
    }

    [Theory]
    [InlineData(WeightType.Float32, 0.001)]
    [InlineData(WeightType.BFloat16, 0.06)]
    [InlineData(WeightType.Int8, 0.06)]
    public void Forward_AnyType_StaysNearTheModel(WeightType type, double relative)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var config in new[]
        {
            TextGeneratorTests.Tiny with { KeyValueHeads = 2 },
            TextGeneratorTests.Tiny with { Heads = 6, KeyValueHeads = 1, HeadDim = 20, HiddenSize = 72, IntermediateSize = 90, TiedHead = true },
            TextGeneratorTests.Tiny with { AttentionBias = true, MlpBias = true, Layers = 1 },
        })
        {
            using var model = Model(config);
            var ids = Ids(37);
            var expected = model.forward(tensor(Array.ConvertAll(ids, id => (long)id)).unsqueeze(0))[0, -1].data<float>().ToArray();
            using var engine = new LlamaEngine(model, type);
            var largest = expected.Max(Math.Abs);
            foreach (var found in new[] { Logits(engine, 159, [ids], true), Logits(engine, 159, [ids[..20], ids[20..36], ids[36..]], true), Logits(engine, 159, [.. ids.Select(id => new[] { id })], false) })
                Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, relative * largest));
        }
    }

    [Theory]
    [InlineData(WeightType.Float32)]
    [InlineData(WeightType.BFloat16)]
    [InlineData(WeightType.Int8)]
    public void Generate_AnyType_SameSeedGivesTheSameTextWhateverTheBatch(WeightType type)
    {
        using var model = Model();
        var options = new SamplingOptions { Temperature = 1, TopP = 0.95, MaxNewTokens = 30 };
        var requests = Enumerable.Range(0, 30).Select(i => new GenerationRequest([1, .. Ids(3 + i % 9, i % 11)], i)).ToList();
        var together = new TextGenerator(model) { Weights = type }.Generate(requests, options);
        var few = new TextGenerator(model) { Weights = type, MaxBatch = 5 }.Generate(requests, options);
        for (var i = 0; i < requests.Count; i++)
        {
            Assert.Equal(together[i].Ids, few[i].Ids);
            Assert.Equal(together[i].Ids, new TextGenerator(model) { Weights = type }.Generate([requests[i]], options)[0].Ids);
        }
    }

    [Fact]
    public void Generate_SharedBeginning_IsReadOnceAndRemembered()
    {
        using var model = Model();
        int[] beginning = [1, .. Ids(60)];
        var generator = new TextGenerator(model) { Weights = WeightType.Float32 };
        var options = new SamplingOptions { Greedy = true, StopIds = [], MaxNewTokens = 4 };
        generator.Generate([.. Enumerable.Range(0, 6).Select(i => new GenerationRequest([.. beginning, .. Ids(5, i)]))], options);
        var engine = model.Engines.For(model, WeightType.Float32)!;
        int[] next = [.. beginning, .. Ids(9, 40)];
        var known = engine.Prefixes.Begin(next, engine.Shape);
        Assert.Equal(beginning.Length, known.Length);
        var alone = new TextGenerator(Model()).Generate([new(next)], options)[0];
        Assert.Equal(alone.Ids, generator.Generate([new(next)], options)[0].Ids);
    }

    [Fact]
    public void Generate_LongPromptsAndAnswers_CrossSegments()
    {
        using var model = Model(TextGeneratorTests.Tiny with { MaxPositions = 2000, KeyValueHeads = 1 });
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var prompt = Ids(1100);
        var answer = new TextGenerator(model).Generate([new(prompt)], new() { Greedy = true, StopIds = [], MaxNewTokens = 150 })[0].Ids;
        int[] all = [.. prompt, .. answer];
        var expected = model.forward(tensor(Array.ConvertAll(all, id => (long)id)).unsqueeze(0)).argmax(-1)[0].data<long>().ToArray();
        Assert.Equal(expected[(prompt.Length - 1)..^1], answer.Select(id => (long)id));
    }

    [Fact]
    public void Fork_BothGrow_ShareTheBeginningOnly()
    {
        var shape = new KvShape(1, 1, 16, IsHalf: false);
        var first = new Strand(shape);
        first.Grow(20);
        var second = first.Fork(18);
        first.Grow(70);
        second.Grow(3);
        Assert.Equal((90, 21), (first.Length, second.Length));
        Assert.Same(first.At(17).Segment, second.At(17).Segment);
        Assert.NotSame(first.At(18).Segment, second.At(18).Segment);
        Assert.Equal(0, second.At(18).Token);
    }

    [Fact]
    public void Prepare_MatchingType_CopiesNothing()
    {
        using var model = Model();
        var preparation = new TextGenerator(model) { Weights = WeightType.Float32 }.Prepare();
        Assert.Equal((WeightType.Float32, 0), (preparation.Type, preparation.CopiedBytes));
        Assert.InRange(new TextGenerator(model) { Weights = WeightType.Int8 }.Prepare().CopiedBytes, 500_000, 2_000_000);
    }

    [Fact]
    public void Prepare_Auto_KeepsSmallModelsAsTheyAreAndReadsLargeOnesInTheFastestType()
    {
        using var small = Model();
        Assert.Equal(WeightType.Float32, new TextGenerator(small) { Weights = WeightType.Auto }.Prepare().Type);
        using var large = Model(TextGeneratorTests.Tiny with { VocabularySize = 80_000, Layers = 1 });
        Assert.Equal(WeightProbe.Fastest ?? WeightType.Float32, new TextGenerator(large) { Weights = WeightType.Auto }.Prepare().Type);
        Assert.Equal(WeightType.Float32, new TextGenerator(large).Prepare().Type);
    }
}
