using System.Text.Json;
using CsCheck;
using Vpo.Core.Tests.Fakes;

namespace Vpo.Tests.Preferences;

public sealed class TrainingFilesTests : IDisposable
{
    private const string Instruction = "Write a prompt.\n\nWish: {query}\nPrompt:";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<ExchangeFormat> Formats() => [.. Enum.GetValues<ExchangeFormat>()];

    private static readonly Gen<string> Words = Gen.String[Gen.Char["aé\"\\ \n{query}😀"[..12]], 1, 12];

    [Theory, MemberData(nameof(Formats))]
    public void Write_AnyPairs_ReadsTheSame(ExchangeFormat format) =>
        Gen.Select(Words, Words, Words, Gen.Bool, Gen.Double[0, 5]).Array[0, 4].Sample(rows =>
        {
            PreferencePair[] pairs = [.. rows.Select(r => new PreferencePair { Query = r.Item1, Chosen = r.Item2, Rejected = r.Item3, Source = r.Item4 ? FeedbackSource.Text : FeedbackSource.Video, Margin = r.Item5, Reason = r.Item1 })];
            var path = _folder.File($"{format}-{Environment.CurrentManagedThreadId}.json");
            TrainingFiles.Write(path, pairs, format, Instruction);
            Assert.Equal(pairs, TrainingFiles.ReadPairs(path, Instruction));
        }, iter: 60);

    [Theory, MemberData(nameof(Formats))]
    public void Write_AnyDemonstrations_ReadsTheSame(ExchangeFormat format) => Gen.Select(Words, Words).Array[0, 4].Sample(rows =>
    {
        Demonstration[] demonstrations = [.. rows.Select(r => new Demonstration(r.Item1, r.Item2))];
        var path = _folder.File($"{format}-{Environment.CurrentManagedThreadId}.json");
        TrainingFiles.Write(path, demonstrations, format, Instruction);
        Assert.Equal(demonstrations, TrainingFiles.ReadDemonstrations(path, Instruction));
    }, iter: 60);

    [Fact]
    public void Write_LlamaFactory_IsTheReleasedForm()
    {
        var path = _folder.File("p.json");
        TrainingFiles.Write(path, [new PreferencePair { Query = "q", Chosen = "c", Rejected = "r", Source = FeedbackSource.Text }], ExchangeFormat.LlamaFactory, "Do: {query}");
        var row = JsonDocument.Parse(File.ReadAllText(path)).RootElement[0];
        Assert.Equal("""{"role":"user","content":"Do: q"}""", Compact(row.GetProperty("messages")[0]));
        Assert.Equal("""{"role":"assistant","content":"c"}""", Compact(row.GetProperty("chosen")));
        var info = JsonDocument.Parse(TrainingFiles.DatasetInfo("vpo_dpo", "p.json", ExchangeFormat.LlamaFactory, pairs: true)).RootElement.GetProperty("vpo_dpo");
        Assert.True(info.GetProperty("ranking").GetBoolean());
        Assert.Equal("sharegpt", info.GetProperty("formatting").GetString());
    }

    [Theory]
    [InlineData("""[{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"p"}]}]""")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"p"}]}""")]
    [InlineData("""{"instruction":"q","output":"p"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"p"}]}""")]
    public void ReadDemonstrations_OthersForms_AreUnderstood(string json)
    {
        File.WriteAllText(_folder.File("f"), json);
        Assert.Equal([new Demonstration("q", "p")], TrainingFiles.ReadDemonstrations(_folder.File("f")));
    }

    [Theory]
    [InlineData("{\"prompt\":\"Do: q\",\"completion\":\"p\"}\n{\"prompt\":\"q\",\"completion\":\"p\"}", "line 2")]
    [InlineData("[{\"prompt\":\"Do: q\"}]", "expected the field completion")]
    [InlineData("[{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"Do: q\"}]}]", "one message of the user")]
    [InlineData("[{", "not valid JSON")]
    public void ReadDemonstrations_WrongRow_NamesPlaceAndCause(string json, string expected)
    {
        File.WriteAllText(_folder.File("f"), json);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => TrainingFiles.ReadDemonstrations(_folder.File("f"), "Do: {query}")).Message, StringComparison.Ordinal);
    }

    private static string Compact(JsonElement element) => string.Concat(element.GetRawText().Where(c => c is not ('\n' or '\r'))).Replace("  ", "", StringComparison.Ordinal).Replace(": \"", ":\"", StringComparison.Ordinal).Replace("{ ", "{", StringComparison.Ordinal);
}
