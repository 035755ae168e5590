using System.Buffers.Binary;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Tokenizer files that someone made so that a careless reader fails: each once ended in another exception, some only when text came.</summary>
public sealed class HostileTokenizerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-hostile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Blob(params uint[] units)
    {
        var blob = new byte[sizeof(uint) * (1 + units.Length) + 2];
        BinaryPrimitives.WriteUInt32LittleEndian(blob, (uint)(sizeof(uint) * units.Length));
        for (var i = 0; i < units.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(sizeof(uint) * (1 + i)), units[i]);
        return blob;
    }

    // Of the text "\x01": entry 0 says where to look (offset 2, so entry 3), entry 3 says that a value follows, and where.
    private const uint Root = 2u << 10, Leaf = 1u << 8 | 1;

    [Fact]
    public void Replace_SoundTable_GivesTheReplacement() =>
        Assert.Equal(0, new CharacterMap(Blob(Root, 0, 0, 1u << 10 | Leaf)).Replace("\x01"u8, out var length).Length + length - 1);   // entry 2 is the value: byte 0, an empty text

    [Fact]
    public void Replace_ValueBeyondTheTable_IsTyped() =>
        Assert.Contains("damaged", Assert.Throws<CheckpointException>(() => new CharacterMap(Blob(Root, 0, 0, 64u << 10 | Leaf)).Replace("\x01"u8, out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void Replace_TextBeyondTheReplacements_IsTyped() =>
        Assert.Contains("damaged", Assert.Throws<CheckpointException>(() => new CharacterMap(Blob(Root, 0, 999, 1u << 10 | Leaf)).Replace("\x01"u8, out _)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"5":{"content":null}}""")]
    [InlineData("""{"5":{"content":""}}""")]
    [InlineData("""{"5":{"content":"<x>"},"6":{"content":"<x>"}}""")]
    [InlineData("""{"-5":{"content":"<x>"}}""")]
    [InlineData("""{"99999999999":{"content":"<x>"}}""")]
    [InlineData("""[]""")]
    public void Open_StrangeAddedTokens_AreTyped(string tokens)
    {
        File.Copy(Path.Combine(Repository.Root, "tests", "golden", "unigram_tokenizer", "t5_identity", "model", "spiece.model"), Path.Combine(_folder, "spiece.model"));
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), $$"""{"added_tokens_decoder":{{tokens}}}""");
        Assert.Contains("added tokens", Assert.Throws<CheckpointException>(() => T5Tokenizer.Open(_folder)).Message, StringComparison.Ordinal);
    }
}
