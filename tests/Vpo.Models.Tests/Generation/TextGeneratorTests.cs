using CsCheck;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Generation;

public sealed class TextGeneratorTests
{
    internal static LlamaConfig Tiny { get; } = new()
    {
        HiddenSize = 128,
        IntermediateSize = 352,
        Layers = 4,
        Heads = 4,
        KeyValueHeads = 4,
        HeadDim = 32,
        VocabularySize = 159,
        EosIds = [2],
        MaxPositions = 256,
        InitializerRange = 0.1,
    };

    private static readonly Lazy<LlamaModel> Model = new(() => LlamaModel.Initialize(Tiny with { KeyValueHeads = 2 }, 1));

    private static GenerationRequest Request(int i) => new([1, .. Enumerable.Range(0, 3 + i % 7).Select(k => 3 + (i * 31 + k * 17) % 150)], Seed: i);

    [Fact]
    public void Generate_SameSeed_GivesTheSameTextWhateverTheBatch()
    {
        var options = new SamplingOptions { Temperature = 0.9, TopP = 0.9, MaxNewTokens = 24 };
        var generator = new TextGenerator(Model.Value);
        var together = generator.Generate([.. Enumerable.Range(0, 40).Select(Request)], options);
        for (var i = 0; i < 40; i++)
        {
            var alone = generator.Generate([Request(i)], options)[0];
            Assert.Equal(alone.Ids, together[i].Ids);
            Assert.Equal(alone.Reason, together[i].Reason);
        }
        var small = new TextGenerator(Model.Value) { MaxBatch = 7 }.Generate([.. Enumerable.Range(0, 40).Select(Request)], options);
        Assert.Equal(together.Select(t => string.Join(' ', t.Ids)), small.Select(t => string.Join(' ', t.Ids)));
        Assert.True(together.Select(t => string.Join(' ', t.Ids)).Distinct().Count() > 35);
    }

    [Fact]
    public void Generate_SharedBeginning_GivesWhatEachAloneGives()
    {
        int[] beginning = [1, .. Enumerable.Range(0, 40).Select(k => 3 + k * 7 % 150)];
        var requests = Enumerable.Range(0, 12).Select(i => new GenerationRequest([.. beginning, .. Request(i / 2).Prompt], i)).ToList();
        var options = new SamplingOptions { Temperature = 0.8, MaxNewTokens = 12 };
        var generator = new TextGenerator(Model.Value);
        var together = generator.Generate(requests, options);
        Assert.All(requests.Zip(together), pair => Assert.Equal(generator.Generate([pair.First], options)[0].Ids, pair.Second.Ids));
    }

    [Fact]
    public void Generate_Cancelled_EndsBetweenTokens()
    {
        using var source = new CancellationTokenSource();
        var count = 0;
        Assert.Throws<OperationCanceledException>(() => new TextGenerator(Model.Value).Generate([Request(1)], new() { StopIds = [], MaxNewTokens = 100 }, (_, _) =>
        {
            if (++count == 5)
                source.Cancel();
        }, source.Token));
        Assert.Equal(5, count);
    }

    [Theory]
    [InlineData(new int[0], "empty")]
    [InlineData(new[] { 1, 159 }, "id 159")]
    [InlineData(new[] { -1 }, "id -1")]
    public void Generate_BadPrompt_SaysWhatIsWrong(int[] prompt, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new TextGenerator(Model.Value).Generate([new(prompt)], new()));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Generate_NearTheEndOfTheContext_StopsThere()
    {
        var prompt = Enumerable.Repeat(5, 250).ToArray();
        var answer = new TextGenerator(Model.Value).Generate([new(prompt)], new() { Greedy = true, StopIds = [], MaxNewTokens = 100 })[0];
        Assert.Equal((6, FinishReason.Length), (answer.Ids.Count, answer.Reason));
        Assert.Contains("context", Assert.Throws<ArgumentException>(() => new TextGenerator(Model.Value).Generate([new(new int[256])], new())).Message);
    }

    [Fact]
    public void Draw_ManySeeds_FollowsTheDistribution()
    {
        var counts = new int[4];
        var sampler = new Sampler(4);
        for (var seed = 0; seed < 20000; seed++)
        {
            var stream = new UniformStream(seed);
            counts[sampler.Draw([0, MathF.Log(2), float.NegativeInfinity, MathF.Log(5)], stream.Next())]++;
        }
        Assert.Equal(0, counts[2]);
        Assert.InRange(counts[0] / 20000.0, 0.115, 0.135);
        Assert.InRange(counts[3] / 20000.0, 0.61, 0.64);
    }

    [Fact]
    public void TopP_AnyScores_KeepsTheSmallestSetThatReachesTheShare() => Gen.Select(Gen.Float[-8, 8].Array[1, 200], Gen.Double[0.01, 0.99]).Sample((scores, p) =>
    {
        var cut = scores.ToArray();
        new Warpers(scores.Length).TopP(cut, p);
        var probabilities = new Warpers(scores.Length).Softmax(scores).ToArray();
        var kept = probabilities.Where((_, i) => !float.IsNegativeInfinity(cut[i])).ToArray();
        Assert.NotEmpty(kept);
        Assert.True(kept.Sum(x => (double)x) > p - 1e-4);
        Assert.True(kept.Sum(x => (double)x) - kept.Min() < p + 1e-4);
        Assert.True(probabilities.Where((_, i) => float.IsNegativeInfinity(cut[i])).DefaultIfEmpty(0).Max() <= kept.Min());
    }, iter: 2000);

    [Fact]
    public void NextAtLeast_AnyNumbers_FindsWhatALoopFinds() => Gen.Select(Gen.Float[-1, 1].Array[0, 80], Gen.Float[-1, 1], Gen.Int[0, 80]).Sample((numbers, limit, from) =>
    {
        if (numbers.Length > 3)
            numbers[3] = float.NaN;
        from = Math.Min(from, numbers.Length);
        var expected = Enumerable.Range(from, numbers.Length - from).Where(i => numbers[i] >= limit).DefaultIfEmpty(numbers.Length).First();
        Assert.Equal(expected, VectorLanes.NextAtLeast(numbers, from, limit));
    });

    [Fact]
    public void TopK_AnyScores_KeepsTheLikeliestAndTheirEquals() => Gen.Select(Gen.Int[-9, 9].Select(i => (float)i).Array[1, 120], Gen.Int[1, 60]).Sample((scores, k) =>
    {
        var cut = scores.ToArray();
        new Warpers(scores.Length).TopK(cut, k);
        var least = scores.OrderDescending().Take(k).Last();
        Assert.Equal(scores.Select(s => s < least ? float.NegativeInfinity : s), cut);
    });

    /// <summary>A search for the cut once went on for ever where a model's numbers had overflowed.</summary>
    [Fact]
    public void Choose_LogitsThatAreNoNumbers_Ends()
    {
        var scores = Enumerable.Repeat(float.NaN, 50).ToArray();
        new Sampler(50).Process(new() { TopP = 0.9, TopK = 7, Temperature = 0.7, MinP = 0.1 }, scores, [1], 1);
        Assert.InRange(new Sampler(50).Draw(scores, 0.5), 0, 49);
    }
}
