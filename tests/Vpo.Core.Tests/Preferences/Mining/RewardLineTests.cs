using Vpo.Core.Tests.Fakes;
using Vpo.Mining;
using Vpo.Tests;

namespace Vpo.Core.Tests.Preferences.Mining;

public sealed class RewardLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"query":"q","prompt":"p","score":1.5}""", 1.5, 0, 0)]
    [InlineData("""{"query":"q","prompt":"p","score":2,"answers":[{"question":"a","answer":"yes","weight":1}],"dimensions":{"x":2}}""", 2.0, 1, 1)]
    [InlineData("""{"id":"1","query":"q","prompt":"p","score":{"score":3,"answers":[{"question":"a","dimension":"d","sub_dimension":"s","answer":"No","weight":0.5}]},"provenance":{"options":"","seed":1,"tool":"t"}}""", 3.0, 1, 0)]
    public void Read_OwnOrOthersLine_GivesTheScore(string line, double score, int answers, int dimensions)
    {
        var read = Assert.Single(RewardLine.Read(Write(line)));
        Assert.Equal(("q", "p", score, answers, dimensions), (read.Query, read.Prompt, read.Score!.Score, read.Score.Answers.Count, read.Score.Dimensions.Count));
    }

    [Fact]
    public void Read_GroupsAndUnscoredClips_KeepsTheirPrompts()
    {
        var lines = RewardLine.Read(Write("""
            {"id":"g","query":"q","samples":[{"prompt":"a","outcome":{"score":{"score":1},"low":1,"high":1,"asked":4}},{"prompt":"b","outcome":{"low":0,"high":2,"asked":1}}],"provenance":{"options":"","seed":1,"tool":"t"}}
            {"id":"u","query":"q","prompt":"c","problem":"no frames","provenance":{"options":"","seed":1,"tool":"t"}}
            """));
        Assert.Equal([("a", 1.0), ("b", null), ("c", null)], lines.Select(l => (l.Prompt, l.Score?.Score)));
    }

    [Theory]
    [InlineData("""{"query":"q","prompt":"p","points":1}""", "no score among query, prompt, points")]
    [InlineData("""{"prompt":"p","score":1}""", "no query")]
    [InlineData("""{"query":"q","prompt":"p","score":"NaN"}""", "not finite")]
    [InlineData("""{"query":"q","prompt":"p","score":{"score":1,"answers":[{"question":"a","answer":"maybe","weight":1}]}}""", "record 1")]
    public void Read_WrongLine_NamesFileRecordAndCause(string line, string says)
    {
        var error = Assert.Throws<InvalidDataException>(() => RewardLine.Read(Write(line)));
        Assert.Contains("rewards.jsonl, record 1", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        File.WriteAllText(_folder.File("rewards.jsonl"), text);
        return _folder.File("rewards.jsonl");
    }
}
