using Vpo.Models.Generation;
using Vpo.Models.Layers;
using Vpo.Models.Tests.Optimization;

namespace Vpo.Models.Tests.Generation;

/// <summary>Calls that come while others run.</summary>
public sealed class GenerationWorkerTests
{
    private const int Length = 20;

    private static readonly SamplingOptions Sampling = TextGeneratorRobustnessTests.Sampling with { MaxNewTokens = Length };

    private static GenerationWorker Worker(bool plain = false, int most = 256)
    {
        var model = TextGeneratorRobustnessTests.Model();
        if (plain)
            model.RequireGradients();
        return new("test", new(model, LlamaPromptOptimizerTests.Words) { MaxBatch = most }, model);
    }

    private static GenerationRequest Request(int i) => TextGeneratorRobustnessTests.Request(i);

    private static List<IReadOnlyList<int>> Alone(int count)
    {
        using var model = TextGeneratorRobustnessTests.Model();
        return [.. Enumerable.Range(0, count).Select(i => new TextGenerator(model).Generate([Request(i)], Sampling)[0].Ids)];
    }

    /// <summary>Starts a call that goes on when the gate opens, and returns once it is running: calls made meanwhile meet it in the middle.</summary>
    private static Task<IReadOnlyList<GeneratedText>> Hold(GenerationWorker worker, ManualResetEventSlim gate, CancellationToken cancellationToken = default)
    {
        using var running = new ManualResetEventSlim();
        var signal = running;
        var task = worker.GenerateAsync([Request(0)], Sampling, (_, _) =>
        {
            signal?.Set();
            gate.Wait(CancellationToken.None);
        }, cancellationToken);
        running.Wait(TestContext.Current.CancellationToken);
        signal = null;
        return task;
    }

    [Theory]
    [InlineData(256)]
    [InlineData(10)]
    public async Task GenerateAsync_64CallsAtOnce_AreWrittenTogetherAndSayWhatEachSaysAlone(int most)
    {
        using var worker = Worker(most: most);
        using var gate = new ManualResetEventSlim();
        var first = Hold(worker, gate);
        var order = new List<int>();   // whose token came, on the one thread of the worker
        var calls = Enumerable.Range(1, 63).Select(i => worker.GenerateAsync([Request(i)], Sampling, (_, _) => order.Add(i), default)).ToList();
        gate.Set();
        var expected = Alone(64);
        Assert.Equal(expected[0], (await first)[0].Ids);
        for (var i = 1; i < 64; i++)
            Assert.Equal(expected[i], (await calls[i - 1])[0].Ids);
        if (most == 256)
            Assert.Equal(63, order.Take(order.LastIndexOf(order[0])).Distinct().Count());   // all had begun before the first of them ended
    }

    [Fact]
    public async Task GenerateAsync_OneCancelledOneFailing_LeaveTheOthers()
    {
        using var worker = Worker();
        using var gate = new ManualResetEventSlim();
        using var cancel = new CancellationTokenSource();
        var first = Hold(worker, gate);
        var seen = 0;
        var cancelled = worker.GenerateAsync([Request(1), Request(2)], Sampling, (index, _) =>
        {
            if (index == 1 && ++seen == 5)
                cancel.Cancel();
        }, cancel.Token);
        var failing = worker.GenerateAsync([Request(3)], Sampling, (_, _) => throw new FormatException("the caller's"), default);
        var waiting = worker.GenerateAsync([Request(4)], Sampling, null, new CancellationToken(canceled: true));
        var other = worker.GenerateAsync([Request(5)], Sampling, null, default);
        gate.Set();
        await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled);
        Assert.Equal("the caller's", (await Assert.ThrowsAsync<FormatException>(() => failing)).Message);
        await Assert.ThrowsAsync<TaskCanceledException>(() => waiting);
        var expected = Alone(6);
        Assert.Equal(expected[0], (await first)[0].Ids);
        Assert.Equal(expected[5], (await other)[0].Ids);
        Assert.Equal(5, seen);
        Assert.Equal(expected[1], (await worker.GenerateAsync([Request(1)], Sampling, null, default))[0].Ids);
    }

    [Fact]
    public async Task GenerateAsync_AFewQueriesBesideMany_DoNotWaitForThem()
    {
        using var worker = Worker(most: 4);
        using var gate = new ManualResetEventSlim();
        var first = Hold(worker, gate);
        var many = worker.GenerateAsync([.. Enumerable.Range(0, 60).Select(Request)], Sampling, null, default);
        var few = worker.GenerateAsync([Request(1), Request(2)], Sampling, null, default);
        gate.Set();
        Assert.Same(few, await Task.WhenAny(many, few));
        Assert.Equal(60, (await many).Count);
        Assert.Equal(Length, (await first)[0].Ids.Count);
    }

    [Fact]
    public async Task GenerateAsync_CallsWithOtherOptions_KeepTheirOwn()
    {
        using var worker = Worker();
        using var gate = new ManualResetEventSlim();
        var first = Hold(worker, gate);
        SamplingOptions[] options =
        [
            Sampling with { Greedy = true, MaxNewTokens = 7 },
            Sampling with { TopK = 3, RepetitionPenalty = 1.5 },
            Sampling with { StopIds = [.. Enumerable.Range(0, 80)] },
            Sampling with { StopTexts = ["w7", "w12"], BadWords = [[4]] },
        ];
        var calls = options.Select((o, i) => worker.GenerateAsync([Request(i), Request(i + 1)], o, null, default)).ToList();
        gate.Set();
        using var model = TextGeneratorRobustnessTests.Model();
        var alone = new TextGenerator(model, LlamaPromptOptimizerTests.Words);
        for (var i = 0; i < options.Length; i++)
        {
            var expected = alone.Generate([Request(i), Request(i + 1)], options[i]);
            Assert.Equal(expected.Select(e => (string.Join(' ', e.Ids), e.Reason)), (await calls[i]).Select(e => (string.Join(' ', e.Ids), e.Reason)));
        }
        Assert.Equal(Length, (await first)[0].Ids.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_WhileCallsRunAndWait_EndsThemAll(bool plain)
    {
        var worker = Worker(plain, most: 4);
        using var gate = new ManualResetEventSlim();
        var first = Hold(worker, gate);
        var calls = Enumerable.Range(1, 20).Select(i => worker.GenerateAsync([Request(i)], Sampling, null, default)).Prepend(first).ToList();
        var closing = Task.Run(worker.Dispose, TestContext.Current.CancellationToken);
        gate.Set();
        await closing;
        foreach (var call in calls)
            Assert.True(await Record.ExceptionAsync(() => call) is null or ObjectDisposedException);
        Assert.Throws<ObjectDisposedException>(() => { _ = worker.GenerateAsync([Request(1)], Sampling, null, default); });
        worker.Dispose();   // twice does no harm
    }

    [Fact]
    public async Task GenerateAsync_WhatNoPromptMayBe_IsToldAtOnce()
    {
        using var worker = Worker();
        Assert.Throws<ArgumentException>(() => { _ = worker.GenerateAsync([new([])], Sampling, null, default); });
        Assert.Empty(await worker.GenerateAsync([], Sampling, null, default));
    }
}
