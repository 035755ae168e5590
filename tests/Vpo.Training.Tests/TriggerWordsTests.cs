using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;

namespace Vpo.Training;

public sealed class TriggerWordsTests : IDisposable
{
    private static readonly string[] Special = ["<s>", "</s>", "<sep>"];
    private static readonly string[] Words = [.. Special, "<unk>", "red", "blue", "ball", "box", "a", "bright", "rolls", "."];
    private static readonly TriggerSearchOptions Quick = new() { Count = 2, Candidates = 3, BatchSize = 2, Steps = 3 };

    private readonly TemporaryFolder _folder = new();

    public TriggerWordsTests()
    {
        using var model = LlamaModel.Initialize(Tiny.Config with { VocabularySize = Words.Length, BosId = 0, EosIds = [1] }, seed: 5);
        LlamaFolder.Save(Model, model);
        LlamaFolder.SaveTokenizer(Model, new WordTokenizer(Words, Special, "<unk>"), new ChatTemplate.Plain("<s>", "<sep>"), "</s>");
    }

    public void Dispose() => _folder.Dispose();

    private string Model => Path.Combine(_folder.Path, "model");

    private FineTunedStart Start(long seed = 1, string name = "one", Action? onStep = null) =>
        new(Model, [new("red ball", "a bright red ball rolls ."), new("blue box", "a bright blue box .")], Path.Combine(_folder.Path, name)) { Seed = seed, Progress = new Direct(onStep) };

    [Fact]
    public async Task FindAsync_Again_ReadsTheFileWithoutASearch()
    {
        var steps = 0;
        var weights = File.ReadAllBytes(Path.Combine(Model, "model.safetensors"));
        var found = await TriggerWords.FindAsync(Start(onStep: () => steps++), Quick);
        Assert.Equal(3, steps);
        Assert.Equal(found.Found.Ids, found.Words.Split(' ').Select(word => Array.IndexOf(Words, word)));
        var again = await TriggerWords.FindAsync(Start(onStep: () => steps++), Quick);
        Assert.Equal((3, found.Words, found.Found.LossAfter), (steps, again.Words, again.Found.LossAfter));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(Model, "model.safetensors")));
        var other = await Assert.ThrowsAsync<InvalidDataException>(() => TriggerWords.FindAsync(Start(), Quick with { Steps = 4 }));
        Assert.Contains("3 steps", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_StoppedInTheMiddle_LeavesNoFileAndFindsTheSameAfterwards()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TriggerWords.FindAsync(Start(onStep: stop.Cancel), Quick, cancellationToken: stop.Token));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "one", TriggerWords.FileName)));
        Assert.Equal((await TriggerWords.FindAsync(Start(name: "two"), Quick)).Words, (await TriggerWords.FindAsync(Start(), Quick)).Words);
    }

    [Fact]
    public async Task FindAsync_AnySeed_FindsNoSpecialUnknownOrForbiddenWord()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var found = await TriggerWords.FindAsync(Start(seed, $"seed-{seed}"), Quick with { Steps = 2, Candidates = Words.Length }, word => word != "rolls");
            Assert.All(found.Words.Split(' '), word => Assert.Contains(word, Words[4..].Except(["rolls"])));
        }
    }

    [Fact]
    public async Task FindAsync_NoWordIsAllowed_SaysWhatWasFound() => Assert.Contains("found 0 words",
        (await Assert.ThrowsAsync<InvalidDataException>(() => TriggerWords.FindAsync(Start(), Quick, _ => false))).Message, StringComparison.Ordinal);

    [Fact]
    public void EncodeOpen_ADemonstration_OpensBetweenTheQueryAndTheSeparator()
    {
        using var checkpoint = LlamaCheckpoint.Open(Model);
        var tokenizer = LessonTokenizer.Of(checkpoint, Model, new() { BaseModel = Model });
        var (before, after, completion) = tokenizer.EncodeOpen(new("red ball", "a ball ."), [("box", 7), ("a", 8)])!;
        Assert.Equal([0, 4, 6], before);
        Assert.Equal([2], after);
        Assert.Equal([8, 6, 11, 1], completion);
        Assert.Equal(tokenizer.PromptOf("red ball box a"), new TriggerExample(before, after, completion).With([7, 8]).Prompt);
        Assert.Null(tokenizer.EncodeOpen(new("red ball", "a ball ."), [("box", 7), ("a", 9)]));   // ids that the words do not have
    }

    private sealed class Direct(Action? onStep) : IProgress<Vpo.Storage.StageProgress>
    {
        public void Report(Vpo.Storage.StageProgress value) => onStep?.Invoke();
    }
}
