using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class StepCacheTests
{
    private const int Steps = 6;

    private static GenerationBatch Batch(StepCacheOptions? cache = null, bool split = false) =>
        new() { Prompts = ["a", "b"], Noise = new SeededNoise([1, 2]), Steps = Steps, Guidance = new(3), StepCache = cache, SplitGuidance = split };

    private static Tensor Run(GenerationBatch batch)
    {
        using var pipeline = Tiny.Pipeline();
        return pipeline.Generate(batch);
    }

    public static TheoryData<StepCacheOptions> Strict { get; } = [new StepCacheOptions.FirstBlock(-1), new StepCacheOptions.TimeEmbedding(double.NegativeInfinity)];

    public static TheoryData<StepCacheOptions> Loose { get; } = [new StepCacheOptions.FirstBlock(1e9), new StepCacheOptions.TimeEmbedding(double.PositiveInfinity)];

    [Theory, MemberData(nameof(Strict))]
    public void Generate_NothingIsLikeBefore_GivesTheExactVideo(StepCacheOptions cache)
    {
        using var scope = NewDisposeScope();
        Assert.True(Run(Batch()).eq(Run(Batch(cache))).all().item<bool>());
    }

    [Theory, MemberData(nameof(Loose))]
    public void Generate_EverythingIsLikeBefore_StillGivesAVideo(StepCacheOptions cache)
    {
        using var scope = NewDisposeScope();
        var (exact, cached) = (Run(Batch()), Run(Batch(cache, split: true)));
        Assert.True(cached.isfinite().all().item<bool>());
        Assert.False(cached.eq(exact).all().item<bool>());
    }

    [Theory, MemberData(nameof(Loose))]
    public void Run_EverythingIsLikeBefore_ComputesFirstAndLastStep(StepCacheOptions options)
    {
        using var scope = NewDisposeScope();
        using var cache = options.Create(Steps);
        var full = 0;
        for (var step = 0; step < Steps; step++)
        {
            var (words, video) = cache.Run((ones(1, 2, 4), ones(1, 3, 4)), tensor(new[] { 1.0f + step }), (range, w, v) =>
            {
                full += range.End.IsFromEnd ? 1 : 0;
                return (w.add(1), v.add(1));
            });
            Assert.True(video.gt(1).all().item<bool>());
        }
        Assert.Equal((2, Steps - 2), (full, cache.Skipped));
    }

    [Fact]
    public void Generate_SplitGuidance_GivesTheSameVideo()
    {
        using var scope = NewDisposeScope();
        Assert.True(allclose(Run(Batch()), Run(Batch(split: true)), 1e-4, 1e-4));
    }

    private sealed class Counting(Action<IReadOnlyList<string>> heard) : ITextEncoder
    {
        public bool IsDisposed { get; private set; }

        public void Check(string prompt) { }

        public Tensor Encode(IReadOnlyList<string> prompts, CancellationToken cancellationToken = default)
        {
            heard(prompts);
            return stack(prompts.Select(p => ones(2, 3).mul(p.Length)).ToArray(), 0);
        }

        public void Dispose() => IsDisposed = true;
    }

    [Fact]
    public void Encode_SamePromptAgain_DoesNotRunTheEncoder()
    {
        using var scope = NewDisposeScope();
        var (encoded, opened) = (new List<string>(), new List<Counting>());
        ITextEncoder Open()
        {
            opened.Add(new(encoded.AddRange));
            return opened[^1];
        }
        using var encoder = new CachingTextEncoder(Open, capacity: 2, releases: true);
        foreach (var prompts in new[] { new[] { "a", "bb" }, ["bb", "a", "a"], ["ccc"], ["a"], ["bb"] })
            Assert.Equal(prompts.Select(p => (float)p.Length), encoder.Encode(prompts).select(2, 0).select(1, 0).data<float>().ToArray());
        Assert.Equal(["a", "bb", "ccc", "bb"], encoded);   // "bb" was the older one when "ccc" came
        Assert.Equal(3, opened.Count);
        Assert.All(opened, o => Assert.True(o.IsDisposed));
    }
}
