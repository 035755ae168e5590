using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Generation;

public sealed class TextGeneratorRobustnessTests
{
    internal static readonly SamplingOptions Sampling = new() { Temperature = 0.9, TopP = 0.9, MaxNewTokens = 20, StopIds = [] };

    internal static LlamaModel Model() => LlamaModel.Initialize(TextGeneratorTests.Tiny, 1);

    internal static GenerationRequest Request(int i) => new([1, 3 + i % 150, 4 + i % 7], i);

    [Fact]
    public async Task Generate_From64Threads_GivesWhatEachGivesAlone()
    {
        using var model = Model();
        var generator = new TextGenerator(model);
        var expected = Enumerable.Range(0, 64).Select(i => generator.Generate([Request(i)], Sampling)[0].Ids).ToList();
        using var start = new ManualResetEventSlim();
        var calls = Enumerable.Range(0, 64).Select(i => Task.Factory.StartNew(() =>
        {
            start.Wait();
            return generator.Generate([Request(i), Request(i + 1)], Sampling)[0].Ids;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        start.Set();
        for (var i = 0; i < 64; i++)
            Assert.Equal(expected[i], await calls[i]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WhileCallsRun_LetsThemEndAndRefusesOthers(bool plain)
    {
        var model = Model();
        if (plain)
            model.RequireGradients();
        var generator = new TextGenerator(model);
        using var running = new CountdownEvent(8);
        var calls = Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(() =>
        {
            var announced = false;
            return generator.Generate([Request(i)], Sampling with { MaxNewTokens = 60 }, (_, _) =>
            {
                if (!announced)
                    running.Signal();
                announced = true;
            })[0];
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        running.Wait(TestContext.Current.CancellationToken);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Generate([Request(1)], Sampling));
        foreach (var call in calls)
            Assert.Equal(60, (await call).Ids.Count);
        model.Dispose();   // twice does no harm
    }

    [Fact]
    public void Generate_WeightsChange_UsesTheNewOnes()
    {
        using var model = Model();
        var generator = new TextGenerator(model);
        var greedy = new SamplingOptions { Greedy = true, StopIds = [], MaxNewTokens = 8 };
        var first = generator.Generate([Request(1)], greedy)[0].Ids;
        var adapter = LoraAdapter.Create(model, new() { Rank = 4, Alpha = 64 }, 7);
        using (no_grad())
        {
            foreach (var (_, value) in adapter.Parameters)
                value.normal_(0, 0.3);
        }
        var adapted = generator.Generate([Request(1)], greedy)[0].Ids;
        Assert.NotEqual(first, adapted);
        using (adapter.Off())
            Assert.Equal(first, generator.Generate([Request(1)], greedy)[0].Ids);
        adapter.Merge();
        Assert.Equal(adapted, generator.Generate([Request(1)], greedy)[0].Ids);
        Assert.Equal(adapted[0], new TextGenerator(model) { Weights = WeightType.Float32 }.Generate([Request(1)], greedy)[0].Ids[0]);
    }
}
