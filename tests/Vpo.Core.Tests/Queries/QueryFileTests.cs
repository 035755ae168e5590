using Vpo.Queries;

namespace Vpo.Tests.Queries;

public sealed class QueryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-queries-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    [Theory]
    [InlineData("a.json", """["a dog", " a cat ", "a dog", ""]""")]
    [InlineData("a.jsonl", "\"a dog\"\n{\"query\":\"a cat\"}\n\n{\"id\":1,\"prompt\":\"a dog\"}\n")]
    [InlineData("a.txt", "a dog\n\n  a cat\r\na dog\n")]
    public void Read_EachFormat_GivesTrimmedDistinctQueries(string name, string content) =>
        Assert.Equal(["a dog", "a cat"], QueryFile.Read(Write(name, content)).Select(q => q.Text));

    [Theory]
    [InlineData("a.json", "{\"a\":1}", "expected a JSON array of strings")]
    [InlineData("a.json", "[1]", "element 0")]
    [InlineData("a.jsonl", "\"ok\"\n{\"x\":2}", "line 2")]
    [InlineData("a.jsonl", "\"ok\"\n{\"x\"", "line 2")]
    public void Read_WrongContent_NamesFilePlaceAndCause(string name, string content, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => QueryFile.Read(Write(name, content)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Weights")]
    public void Read_ReleasedQueries_AreAllThere() => Assert.Equal(9956, QueryFile.Read(Repository.Data("vpo/dpo_prompts.json")).Count);
}
