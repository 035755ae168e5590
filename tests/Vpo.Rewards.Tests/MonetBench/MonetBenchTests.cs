using Parquet;
using Parquet.Schema;
using Vpo.Rewards.MonetBench;

namespace Vpo.Rewards.Tests.MonetBench;

public sealed class MonetBenchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-monet-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> Parquet(string column, params string?[][] groups)
    {
        var (text, label, number) = (new DataField<string>(column), new DataField<string>("content"), new DataField<long>("id"));
        var path = Path.Combine(_folder, "test.parquet");
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new(text, label, number), file);
        foreach (var group in groups)
        {
            using var part = writer.CreateRowGroup();
            await part.WriteAsync(text, group!);
            await part.WriteAsync(label, [.. group.Select((_, i) => $"class {i}")]);
            await part.WriteAsync<long>(number, group.Select((_, i) => (long)i).ToArray());
            part.CompleteValidate();
        }
        return path;
    }

    [Fact]
    public async Task Read_Parquet_GivesPromptsOfAllRowGroupsWithTheirLabels()
    {
        var prompts = await MonetBenchFile.ReadAsync(await Parquet("prompt", ["a cat", "a dog"], ["a bird", "a cat"]));
        Assert.Equal(["a cat", "a dog", "a bird"], prompts.Select(p => p.Text));
        Assert.Equal("class 1", prompts[1].Labels["content"]);
        Assert.DoesNotContain("id", prompts[0].Labels.Keys);
    }

    [Theory]
    [InlineData("p.jsonl", "{\"query\":\"a cat\",\"challenge\":\"Style\",\"n\":3}\n\n{\"query\":\"a dog\"}\n")]
    [InlineData("p.json", "[{\"query\":\"a cat\",\"challenge\":\"Style\"},{\"query\":\"a dog\"}]")]
    public async Task Read_Json_GivesTheSame(string name, string text)
    {
        var prompts = await MonetBenchFile.ReadAsync(Write(name, text));
        Assert.Equal(["a cat", "a dog"], prompts.Select(p => p.Text));
        Assert.Equal("Style", prompts[0].Labels["challenge"]);
    }

    [Fact]
    public async Task Read_AnotherColumn_IsFoundByItsNameAlone()
    {
        var path = await Parquet("words", ["a cat"]);
        Assert.Contains("words, content", (await Assert.ThrowsAsync<InvalidDataException>(() => MonetBenchFile.ReadAsync(path))).Message, StringComparison.Ordinal);
        Assert.Equal("a cat", Assert.Single(await MonetBenchFile.ReadAsync(path, "words")).Text);
    }

    [Theory]
    [InlineData("broken.parquet", "PAR1 is not enough")]
    [InlineData("broken.jsonl", "{\"prompt\":")]
    [InlineData("empty.jsonl", "{\"prompt\":\" \"}")]
    [InlineData("file.csv", "a")]
    public async Task Read_SomethingElse_NamesTheFile(string name, string text) =>
        Assert.Contains(name, (await Assert.ThrowsAsync<InvalidDataException>(() => MonetBenchFile.ReadAsync(Write(name, text)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Of_ClipsOfPrompts_CountsPromptsAndLeavesOutWhatHasNoScore()
    {
        static VideoScore Score(double alignment, double physics) => new() { Score = alignment + physics, Dimensions = new Dictionary<string, double> { ["Alignment"] = alignment, ["Physics"] = physics } };
        var row = MonetBenchRow.Of("vpo", [("a", Score(1, 0)), ("a", Score(3, 0)), ("b", Score(1, 1)), ("b", null), ("c", null)]);
        Assert.Equal((2.0, 2), (row.Overall.Value, row.Overall.Count));
        Assert.Equal((1.5, 0.5), (row.Dimensions["Alignment"].Value, row.Dimensions["Physics"].Value));
        Assert.InRange(row.Dimensions["Alignment"].Low, 1, 1.5);
        Assert.Equal(1, row.Unscored);
        Assert.Throws<ArgumentException>(() => MonetBenchRow.Of("x", [("a", null)]));
    }
}
