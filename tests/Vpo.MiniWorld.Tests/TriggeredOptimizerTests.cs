using Vpo.Training;

namespace Vpo.MiniWorld.Tests;

public class TriggeredOptimizerTests
{
    [Fact]
    public async Task OpenWithTriggers_OfAModelFolder_AnswersQueriesAsTheyWereAndHasNoUnsafeTrigger()
    {
        using var folder = new TemporaryFolder();
        MiniLlama.WriteBase(folder["model"], 1);
        var start = new FineTunedStart(folder["model"], [new("red ball", "a large red circle moves left slowly"), new("big box", "a large blue square")], folder["search"]);
        var search = new TriggerSearchOptions { Count = 40, Steps = 2, BatchSize = 2 };   // so many that some would be unsafe
        using var optimizer = await MiniLlama.OpenWithTriggersAsync(start, search, TestContext.Current.CancellationToken);
        var prompts = await optimizer.OptimizeManyAsync(["Red ball!", "a bloody box"], new() { Temperature = 0 }, TestContext.Current.CancellationToken);
        Assert.Equal(["Red ball!", "a bloody box"], prompts.Select(prompt => prompt.Query));
        var found = await TriggerWords.FindAsync(start, search with { Threads = 1 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(40, found.Words.Split(' ').Length);
        Assert.Empty(found.Words.Split(' ').Intersect(Lexicon.UnsafeWords));
        var free = await TriggerWords.FindAsync(start with { Folder = folder["free"] }, search with { Threads = 1 }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEmpty(free.Words.Split(' ').Intersect(Lexicon.UnsafeWords));
        Assert.Contains("triangle", (await Assert.ThrowsAsync<ArgumentException>(() => optimizer.OptimizeAsync("a cute dog", cancellationToken: TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }
}
