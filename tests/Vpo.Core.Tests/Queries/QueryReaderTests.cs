using CsCheck;
using Vpo.Core.Tests.Fakes;
using Vpo.Curation;
using Vpo.Queries;

namespace Vpo.Tests.Queries;

public sealed class QueryReaderTests : IDisposable
{
    private const string Header = "uuid,prompt,time,toxicity,obscene,identity_attack,insult,threat,sexual_explicit\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private async Task<List<SourceRow>> Read(string name, string content)
    {
        await File.WriteAllTextAsync(_folder.File(name), content);
        return await QueryReader.ReadAsync(_folder.File(name)).ToListAsync();
    }

    [Theory]
    [InlineData("a.json", """["a dog", {"prompt":"a cat"}]""")]
    [InlineData("a.jsonl", "\"a dog\"\n\n{\"query\":\"a cat\"}\n")]
    [InlineData("a.csv", "prompt\r\na dog\r\na cat\r\n")]
    [InlineData("a.tsv", "id\tprompt\n1\ta dog\n2\ta cat")]
    [InlineData("a.txt", "a dog\n\na cat\n")]
    public async Task Read_EachKind_GivesTheQueries(string name, string content) => Assert.Equal(["a dog", "a cat"], (await Read(name, content)).Select(r => r.Query?.Text));

    [Fact]
    public async Task Read_VidProM_GivesAllColumns()
    {
        var row = Assert.Single(await Read("v.csv", Header + "u-1,\"a dog, said \"\"hi\"\"\nand ran\",2023-07-09 12:00:00 UTC,0.1,0.2,0.3,0.4,0.5,6e-01\n"));
        Assert.Equal(("a dog, said \"hi\"\nand ran", "u-1", "2023-07-09 12:00:00 UTC"), (row.Query!.Text, row.Query.SourceId, row.Query.Time));
        Assert.Equal(new HarmLabels(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), row.Query.Labels);
        Assert.Equal("v.csv:2", row.Place);
    }

    [Fact]
    public async Task Read_DamagedRows_CostOneRowEach()
    {
        var rows = await Read("v.csv", Header + "1,a,t,0,0,0,0,0,0\n2,b,t,0,0\n3,\"c,t,0,0,0,0,0,0\n4,\"d, e\",t,0,0,0,0,0,0\n5,f,t,0,x,0,0,0,0\n6,\"g\nh\",t,0,0,0,0,0,0\n7,\"i\" j,t,0,0,0,0,0,0\n8,k,t,0,0,0,0,0,0\n9,\"l,t,0,0,0,0,0,0\n10,m,t,0,0,0,0,0,0\n");
        Assert.Equal(["a", null, null, "d, e", null, "g\nh", null, "k", null, "m"], rows.Select(r => r.Query?.Text));
        Assert.Equal(["v.csv:3", "v.csv:4", "v.csv:6", "v.csv:9", "v.csv:11"], rows.Where(r => r.Damage is not null).Select(r => r.Place));
        Assert.Contains("expected 9 fields, found 5", rows[1].Damage, StringComparison.Ordinal);
        Assert.Contains("obscene, found 'x'", rows[4].Damage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_DamagedJson_SaysWhere()
    {
        Assert.Equal(["a", null, "b"], (await Read("a.json", """["a", 7, "b"]""")).Select(r => r.Query?.Text));
        var broken = await Read("b.json", """["a", "b" """);
        Assert.Contains("breaks off", broken[^1].Damage, StringComparison.Ordinal);
        var lines = await Read("c.jsonl", "\"a\"\n{\"x\":1}\n{\"prompt\n\"b\"\n");
        Assert.Equal(["a", null, null, "b"], lines.Select(r => r.Query?.Text));
        Assert.Equal("c.jsonl:3", lines[2].Place);
    }

    [Fact]
    public async Task Read_CsvWithoutAColumnOfTexts_SaysWhatItHas()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => Read("a.csv", "x,y\n1,2\n"));
        Assert.Contains("found: x, y", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvRecords_WrittenByTheRules_ComeBack() => Gen.String[Gen.Char["ab,\" \n;é"], 0, 8].Array[3].Array[0, 6].Sample(records =>
    {
        var text = string.Concat(records.Select(r => string.Join(',', r.Select(f => $"\"{f.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n"));
        var reader = new CsvRecords(new StringReader(text), ',');
        foreach (var record in records)
            Assert.Equal(record, reader.Read(3)!.Value.Fields);
        Assert.Null(reader.Read(3));
    });
}
