using Parquet;
using Parquet.Schema;
using Vpo.Curation;

namespace Vpo.Data.Tests;

public sealed class ParquetQueriesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>VidProM's columns in two row groups, the labels as float or double.</summary>
    private async Task<string> Write<T>(T?[] labels) where T : struct
    {
        var path = Path.Combine(_folder, $"{typeof(T).Name}.parquet");
        DataField[] fields = [new DataField<string>("uuid"), new DataField<string>("prompt"), new DataField<string>("time"), .. HarmLabels.Columns.Select(c => (DataField)new DataField<T?>(c))];
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), file);
        foreach (var part in new[] { 1, 2 })
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(fields[0], ["u" + part, "v" + part]);
            await group.WriteAsync(fields[1], ["a dog " + part, part == 1 ? "a \"café\"\nat night" : null!]);
            await group.WriteAsync(fields[2], ["t", "t"]);
            foreach (var field in fields[3..])
                await group.WriteAsync<T>(field, labels.AsMemory());
        }
        return path;
    }

    [Fact]
    public async Task Read_VidProM_GivesAllColumnsAndCountsNulls()
    {
        foreach (var path in new[] { await Write<double>([0.25, 0.5]), await Write<float>([0.25f, 0.5f]) })
        {
            var rows = await QueryFiles.ReadAsync([path]).ToListAsync();
            Assert.Equal(["a dog 1", "a \"café\"\nat night", "a dog 2", null], rows.Select(r => r.Query?.Text));
            Assert.Equal("u1", rows[0].Query!.SourceId);
            Assert.Equal(0.5, rows[1].Query!.Labels!.Threat);
            Assert.EndsWith("[3]", rows[3].Place, StringComparison.Ordinal);
            Assert.Contains("found null", rows[3].Damage, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Read_HalfAFile_SaysThatItIsNotWhole()
    {
        var path = await Write<double>([0.25, 0.5]);
        await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^20]);
        Assert.Contains("not a whole Parquet file", (await Assert.ThrowsAsync<InvalidDataException>(() => QueryFiles.ReadAsync([path]).ToListAsync().AsTask())).Message, StringComparison.Ordinal);
    }
}
