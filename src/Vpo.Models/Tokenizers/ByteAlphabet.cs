using System.Text;

namespace Vpo.Models.Tokenizers;

/// <summary>The reversible map of GPT-2 from bytes to printable characters, in which byte-level vocabularies are written.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = Create();
    private static readonly Dictionary<char, byte> Bytes = Characters.Select((c, b) => (c, (byte)b)).ToDictionary(p => p.c, p => p.Item2);

    public static char Of(byte value) => Characters[value];

    /// <summary>Text as one character per UTF-8 byte.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return Spell(bytes);
    }

    /// <summary>Bytes as one character each.</summary>
    public static string Spell(byte[] bytes) => string.Create(bytes.Length, bytes, (span, source) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = Characters[source[i]];
    });

    /// <summary>The bytes that a token stands for; a token with other characters is plain text.</summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!Bytes.TryGetValue(token[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(token);
        }
        return bytes;
    }

    private static char[] Create()
    {
        var (characters, next) = (new char[256], 256);
        for (var b = 0; b < 256; b++)
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return characters;
    }
}
