using Vpo.Core.Tests.Fakes;
using Vpo.Storage;

namespace Vpo.Tests.Loop;

public sealed class TextStagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Query[] _queries = [.. Enumerable.Range(0, 23).Select(i => new Query(i % 3 == 0 ? $"bad query {i}" : $"query {i}"))];

    public void Dispose() => _folder.Dispose();

    private Task<IReadOnlyList<PromptRecord>> Draft(string file, Shard shard, IPromptOptimizer? writer = null) =>
        new TextStages(TimeProvider.System) { ChunkSize = 4, Shard = shard }.DraftAsync(_folder.File(file), "w", writer ?? new FakeOptimizer("m"), _queries, new() { Count = 2 });

    [Fact]
    public async Task Draft_InParts_MergesToTheSameRecords()
    {
        await Draft("whole.jsonl", Shard.Whole);
        for (var i = 2; i >= 0; i--)
            await Draft("parts.jsonl", new(i, 3));
        Assert.Equal(3, Shard.CountBeside(_folder.File("parts.jsonl")));
        Assert.Contains("found none", Assert.Throws<InvalidDataException>(() => Shard.CountBeside(_folder.File("other.jsonl"))).Message, StringComparison.Ordinal);
        Assert.Equal(23, Shard.Merge(_folder.File("parts.jsonl"), 3));
        await Draft("parts.jsonl", new(0, 2));
        Assert.Contains("of 2 and of 3", Assert.Throws<InvalidDataException>(() => Shard.CountBeside(_folder.File("parts.jsonl"))).Message, StringComparison.Ordinal);
        Assert.Equal(
            TextStages.ReadPrompts(_folder.File("whole.jsonl")).Select(p => (p.Id, p.Query, string.Join('|', p.Prompts))).Order(),
            TextStages.ReadPrompts(_folder.File("parts.jsonl")).Select(p => (p.Id, p.Query, string.Join('|', p.Prompts))).Order());
    }

    [Fact]
    public async Task Merge_PartThatDidNotEndOrLostARecord_SaysWhich()
    {
        await Draft("p.jsonl", new(0, 2));
        await Assert.ThrowsAsync<IOException>(() => Draft("p.jsonl", new(1, 2), new FakeOptimizer("m") { Fails = true }));
        Assert.Contains("p.1-of-2.jsonl", Assert.Throws<InvalidDataException>(() => Shard.Merge(_folder.File("p.jsonl"), 2)).Message, StringComparison.Ordinal);
        await Draft("p.jsonl", new(1, 2));
        var part = _folder.File("p.1-of-2.jsonl");
        var lines = await File.ReadAllLinesAsync(part);
        await File.WriteAllLinesAsync(part, lines[1..]);
        Assert.Contains("lacks the record", Assert.Throws<InvalidDataException>(() => Shard.Merge(_folder.File("p.jsonl"), 2)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("p.jsonl")));
        await Draft("p.jsonl", new(1, 2));
        Assert.Equal(23, Shard.Merge(_folder.File("p.jsonl"), 2));
    }

    [Fact]
    public async Task Judge_ThenPairs_GivesPairsAndDemonstrations()
    {
        var prompts = await Draft("prompts.jsonl", Shard.Whole);
        using var judge = new FakeJudge();
        var verdicts = await new TextStages(TimeProvider.System).JudgeAsync(_folder.File("verdicts.jsonl"), judge, prompts);
        Assert.Equal(verdicts.Count, TextStages.ReadVerdicts(_folder.File("verdicts.jsonl")).Count);
        Assert.Equal(16, TextStages.Pairs(verdicts).Count);   // 8 bad queries, 2 samples each
        Assert.Equal(46, TextStages.Demonstrations(verdicts).Count);
        Assert.All(TextStages.Demonstrations(verdicts), d => Assert.DoesNotContain("bad", d.Prompt, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=4 SLURM_ARRAY_TASK_MIN=3", 2, 4)]
    [InlineData("SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=4", 0, 4)]
    [InlineData("JOB_COMPLETION_INDEX=1 VPO_SHARDS=3", 1, 3)]
    [InlineData("JOB_COMPLETION_INDEX=1", 0, 1)]
    [InlineData("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2", 1, 2)]
    [InlineData("RANK=7 WORLD_SIZE=8", 7, 8)]
    [InlineData("", 0, 1)]
    public void FromEnvironment_EachScheduler_GivesThePart(string variables, int index, int count)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        Assert.Equal(new Shard(index, count), Shard.FromEnvironment(all.GetValueOrDefault));
    }

    [Theory]
    [InlineData("4/4")]
    [InlineData("-1/4")]
    [InlineData("1")]
    [InlineData("a/b")]
    public void Parse_NoShard_SaysTheForm(string text) => Assert.Contains("i/n", Assert.Throws<ArgumentException>(() => Shard.Parse(text)).Message, StringComparison.Ordinal);
}
