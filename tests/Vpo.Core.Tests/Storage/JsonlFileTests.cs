using System.Text;
using System.Text.Json.Serialization;
using Vpo.Core.Tests.Fakes;
using Vpo.Storage;

namespace Vpo.Core.Tests.Storage;

internal sealed record Note(string Id, string Text) : IRecord;

[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

public sealed class JsonlFileTests
{
    [Fact]
    public void Append_AfterAKillAtAnyByte_LosesNoWholeLine()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        Note[] notes = [new("1", "über"), new("2", "line\nend, \"quotes\" 🐶"), new("3", "{}")];
        JsonlFile.Append(path, notes, NoteJson.Default.Note);
        var bytes = File.ReadAllBytes(path);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            File.WriteAllBytes(path, bytes[..cut]);
            var left = JsonlFile.Read(path, NoteJson.Default.Note);
            Assert.InRange(left.Count, bytes[..cut].Count(b => b == '\n'), notes.Length);
            Assert.Equal(notes.Take(left.Count), left);
            JsonlFile.Append(path, notes.Skip(left.Count), NoteJson.Default.Note);
            Assert.Equal(bytes, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Read_BadLine_NamesFileLineAndCause()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        File.WriteAllText(path, "{\"Id\":\"1\",\"Text\":\"a\"}\n\n{\"Id\":2}\n");
        var error = Assert.Throws<InvalidDataException>(() => JsonlFile.Read(path, NoteJson.Default.Note));
        Assert.StartsWith($"{path}:3: expected one Note as JSON, found something else:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ByteOrderMarkAndBlankLines_PassesOver()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("notes.jsonl");
        File.WriteAllText(path, "{\"Id\":\"1\",\"Text\":\"a\"}\r\n   \n{\"Id\":\"2\",\"Text\":\"b\"}", new UTF8Encoding(true));
        Assert.Equal(["1", "2"], JsonlFile.Read(path, NoteJson.Default.Note).Select(n => n.Id));
    }

    [Fact]
    public void Read_NoFile_IsEmpty() => Assert.Empty(JsonlFile.Read(Path.Combine(Path.GetTempPath(), "no such file.jsonl"), NoteJson.Default.Note));
}
