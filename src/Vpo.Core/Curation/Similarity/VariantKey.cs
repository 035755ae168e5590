using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vpo.Curation.Similarity;

/// <summary>The same for texts that differ in case, white space, punctuation, ASCII signs and HTML entities alone.</summary>
internal static class VariantKey
{
    /// <summary>128 bits of a SHA-256 of the letters, digits and pictures; of the whole text where it has none.</summary>
    public static UInt128 Of(string text)
    {
        // Up and down again: µ and μ have one capital.
        var decoded = Queries.HtmlText.Decode(text).ToUpperInvariant().ToLowerInvariant();
        var buffer = ArrayPool<char>.Shared.Rent(decoded.Length);
        var length = 0;
        foreach (var c in decoded)
        {
            if (Counts(c))
                buffer[length++] = c;
        }
        var key = Hash(length > 0 ? buffer.AsSpan(0, length) : decoded.AsSpan().Trim());
        ArrayPool<char>.Shared.Return(buffer);
        return key;
    }

    private static bool Counts(char c) => char.IsAscii(c) ? char.IsAsciiLetterOrDigit(c) : char.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
            or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.ModifierSymbol => false,
        _ => true,
    };

    private static UInt128 Hash(ReadOnlySpan<char> text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
