using CsCheck;
using Parquet;
using Parquet.Schema;

namespace Vpo.Data.Tests;

public sealed class ExchangeFilesTests : IDisposable
{
    private const string Instruction = "Write a prompt.\n\nWish: {query}\nPrompt:";

    private static readonly string[] Pieces = ["a", "é", "\"", "\\", "\n", "\r", "\t", "\u0001", "\u001B", "\u007F", "\u2028", "{query}", "😀", "👩‍👧", "猫", " "];

    private static readonly Gen<string> Odd = Gen.Int[0, Pieces.Length - 1].Array[0, 12].Select(chosen => string.Concat(chosen.Select(i => Pieces[i])));

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-exchange-").FullName;
    private int _files;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<ExchangeFormat> Formats() => [.. Enum.GetValues<ExchangeFormat>().Where(f => f != ExchangeFormat.Vpo)];

    [Theory, MemberData(nameof(Formats))]
    public async Task Write_AnyPairs_ReadsTheSame(ExchangeFormat format) =>
        await Gen.Select(Odd, Odd, Odd, Gen.Bool, Gen.Double[0, 5]).Array[0, 5].SampleAsync(async rows =>
        {
            PreferencePair[] pairs = [.. rows.Select(r => new PreferencePair { Query = r.Item1, Chosen = r.Item2, Rejected = r.Item3, Source = r.Item4 ? FeedbackSource.Text : FeedbackSource.Video, Margin = r.Item5, Reason = r.Item1 })];
            var path = File($"{Interlocked.Increment(ref _files)}.parquet");
            await ExchangeFiles.WriteAsync(path, pairs, format, Instruction);
            Assert.Equal(pairs, await ExchangeFiles.ReadPairsAsync(path, Instruction));
        }, iter: 60);

    [Theory, MemberData(nameof(Formats))]
    public async Task Write_AnyDemonstrations_ReadsTheSame(ExchangeFormat format) =>
        await Gen.Select(Odd, Odd).Array[0, 5].SampleAsync(async rows =>
        {
            Demonstration[] demonstrations = [.. rows.Select(r => new Demonstration(r.Item1, r.Item2))];
            var path = File($"{Interlocked.Increment(ref _files)}.parquet");
            await ExchangeFiles.WriteAsync(path, demonstrations, format, Instruction);
            Assert.Equal(demonstrations, await ExchangeFiles.ReadDemonstrationsAsync(path, Instruction));
        }, iter: 60);

    [Fact]
    public async Task Write_MoreThanAGroup_ReadsAllInOrder()
    {
        PreferencePair[] pairs = [.. Enumerable.Range(0, 10_050).Select(i => Pair($"q{i}"))];
        await ExchangeFiles.WriteAsync(File("many.parquet"), pairs, ExchangeFormat.TrlConversational);
        Assert.Equal(pairs, await ExchangeFiles.ReadPairsAsync(File("many.parquet")));
    }

    /// <summary>Types and names that <c>datasets</c> gives: all optional, lists with list.element, content before role.</summary>
    [Fact]
    public async Task Write_Conversations_HasTheTypesOfDatasets()
    {
        await ExchangeFiles.WriteAsync(File("c.parquet"), [Pair("q")], ExchangeFormat.TrlConversational);
        await using var reader = await ParquetReader.CreateAsync(File("c.parquet"));
        Assert.Equal(
            ["prompt/list/element/content", "prompt/list/element/role", "chosen/list/element/content", "chosen/list/element/role", "rejected/list/element/content", "rejected/list/element/role", "source", "margin", "reason"],
            reader.Schema.DataFields.Select(f => string.Join('/', f.Path.ToList())));
        Assert.All(reader.Schema.DataFields, f => Assert.True(f.IsNullable, f.Name));
        Assert.Equal([4, 4, 4, 4, 4, 4, 1, 1, 1], reader.Schema.DataFields.Select(f => f.MaxDefinitionLevel));
    }

    /// <summary>The widely used form of trl-lib/ultrafeedback_binarized: no prompt of its own, other people's columns beside it.</summary>
    [Fact]
    public async Task ReadPairs_PromptInsideTheAnswers_IsUnderstood()
    {
        var path = await WriteConversations("implicit.parquet", ["q", "good"], ["q", "bad"]);
        var pair = Assert.Single(await ExchangeFiles.ReadPairsAsync(path));
        Assert.Equal(("q", "good", "bad", FeedbackSource.Text), (pair.Query, pair.Chosen, pair.Rejected, pair.Source));
        path = await WriteConversations("other.parquet", ["q", "good"], ["another", "bad"]);
        Assert.Contains("the same message of the user", await Error(path), StringComparison.Ordinal);
    }

    /// <summary>Null between values, as other programs leave optional columns.</summary>
    [Fact]
    public async Task ReadPairs_NullBetweenValues_StaysWithItsRow()
    {
        DataField[] fields = [new DataField<string>("instruction"), new DataField<string>("input"), new DataField<string>("chosen"), new DataField<string>("rejected")];
        await using (var file = System.IO.File.Create(File("nulls.parquet")))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(fields[0], ["a", "b", "c"]);
            await group.WriteAsync(fields[1], ["1", null!, "3"]);
            await group.WriteAsync(fields[2], ["x", "y", "z"]);
            await group.WriteAsync(fields[3], ["u", "v", "w"]);
        }
        Assert.Equal(["a\n1", "b", "c\n3"], (await ExchangeFiles.ReadPairsAsync(File("nulls.parquet"))).Select(p => p.Query));
    }

    [Fact]
    public async Task ReadPairs_EmptyList_NamesTheRow()
    {
        var path = await WriteConversations("empty.parquet", [null], ["q", "bad"]);
        Assert.Contains("row 0", await Error(path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadPairs_DamagedOrForeignFile_IsOneClearError()
    {
        await ExchangeFiles.WriteAsync(File("whole.parquet"), [.. Enumerable.Range(0, 300).Select(i => Pair($"query {i}"))], ExchangeFormat.TrlConversational);
        var whole = await System.IO.File.ReadAllBytesAsync(File("whole.parquet"));
        await System.IO.File.WriteAllBytesAsync(File("cut.parquet"), whole[..^30]);
        Assert.Contains("not a whole Parquet file", await Error(File("cut.parquet")), StringComparison.Ordinal);
        var damaged = whole.ToArray();
        damaged.AsSpan(4, whole.Length / 3).Fill(0xFF);
        await System.IO.File.WriteAllBytesAsync(File("damaged.parquet"), damaged);
        Assert.Contains("row group 0 can't be read", await Error(File("damaged.parquet")), StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(File("text.parquet"), "{\"prompt\": \"q\"}");
        Assert.Contains("not a whole Parquet file", await Error(File("text.parquet")), StringComparison.Ordinal);
        await ExchangeFiles.WriteAsync(File("demos.parquet"), [new Demonstration("q", "p")], ExchangeFormat.Trl);
        Assert.Contains("found: prompt, completion", await Error(File("demos.parquet")), StringComparison.Ordinal);
    }

    /// <summary>The name of a column is not enough: chosen must be something to read.</summary>
    [Fact]
    public async Task ReadPairs_ColumnOfAnotherType_IsRefused()
    {
        DataField[] fields = [new DataField<string>("prompt"), new DataField<int>("chosen"), new DataField<int>("rejected")];
        await using (var file = System.IO.File.Create(File("numbers.parquet")))
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(fields[0], ["q"]);
            await group.WriteAsync<int>(fields[1], new[] { 1 }.AsMemory());
            await group.WriteAsync<int>(fields[2], new[] { 2 }.AsMemory());
        }
        Assert.Contains("expected columns chosen and rejected", await Error(File("numbers.parquet")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OwnRecords_SaysThatTheyAreJsonLines()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => ExchangeFiles.WriteAsync(File("own.parquet"), [Pair("q")], ExchangeFormat.Vpo));
        Assert.Contains("JSON Lines", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Write_ThatFails_LeavesTheOldFile()
    {
        await ExchangeFiles.WriteAsync(File("kept.parquet"), [Pair("q")], ExchangeFormat.Trl);
        var before = await System.IO.File.ReadAllBytesAsync(File("kept.parquet"));
        await Assert.ThrowsAnyAsync<Exception>(() => ExchangeFiles.WriteAsync(File("kept.parquet"), [Pair("q"), null!], ExchangeFormat.Trl));
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(File("kept.parquet")));
        Assert.Single(Directory.GetFiles(_folder));
    }

    private string File(string name) => Path.Combine(_folder, name);

    private static PreferencePair Pair(string query) => new() { Query = query, Chosen = "good", Rejected = "bad", Source = FeedbackSource.Video, Margin = 0.5, Reason = "because" };

    private static async Task<string> Error(string path) => (await Assert.ThrowsAsync<InvalidDataException>(() => ExchangeFiles.ReadPairsAsync(path))).Message;

    /// <summary>chosen and rejected as lists of a user's and an assistant's message; null stands for a list without any.</summary>
    private async Task<string> WriteConversations(string name, string?[] chosen, string?[] rejected)
    {
        StructField Message() => new("element", new DataField<string>("content"), new DataField<string>("role"));
        ListField[] fields = [new("chosen", Message()), new("rejected", Message())];
        var source = new DataField<string>("source");
        await using var file = System.IO.File.Create(File(name));
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. fields, source]), file);
        using var group = writer.CreateRowGroup();
        foreach (var (field, texts) in fields.Zip([chosen, rejected]))
        {
            int[] levels = [.. texts.Select((_, i) => i == 0 ? 0 : 1)];
            string?[] roles = [.. texts.Select((t, i) => t is null ? null : i == 0 ? "user" : "assistant")];
            await group.WriteAsync((DataField)((StructField)field.Item).Fields[0], texts!, levels.AsMemory());
            await group.WriteAsync((DataField)((StructField)field.Item).Fields[1], roles!, levels.AsMemory());
        }
        await group.WriteAsync(source, ["evol_instruct"]);
        return File(name);
    }
}
