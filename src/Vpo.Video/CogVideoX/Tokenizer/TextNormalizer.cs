using System.Buffers;
using System.Text;

namespace Vpo.Video.CogVideoX;

/// <summary>SentencePiece's normalisation: characters replaced, spaces put in order and written as ▁.</summary>
internal static class TextNormalizer
{
    private const byte Space = (byte)' ';

    /// <summary>U+2581, which stands for a space in pieces.</summary>
    private static ReadOnlySpan<byte> Mark => "▁"u8;

    /// <returns>UTF-8; empty when nothing but spaces was there.</returns>
    public static byte[] Normalize(string text, SentencePieceModel model)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        var result = new ArrayBufferWriter<byte>(rest.Length + Mark.Length);
        while (model.DropsExtraSpaces && !rest.IsEmpty && Next(rest, model, out var spaces).SequenceEqual(" "u8))
            rest = rest[spaces..];
        if (rest.IsEmpty)
            return [];
        if (model.AddsPrefix)
            result.Write(Mark);
        var afterSpace = model.DropsExtraSpaces;
        while (!rest.IsEmpty)
        {
            var part = Next(rest, model, out var length);
            rest = rest[length..];
            if (afterSpace)
                part = part.TrimStart(Space);
            if (!part.IsEmpty)
                afterSpace = model.DropsExtraSpaces && part[^1] == Space;
            Append(result, part);
        }
        var written = result.WrittenSpan;
        while (model.DropsExtraSpaces && written.EndsWith(Mark))
            written = written[..^Mark.Length];
        return written.ToArray();
    }

    private static void Append(ArrayBufferWriter<byte> result, ReadOnlySpan<byte> part)
    {
        foreach (var one in part)
        {
            if (one == Space)
                result.Write(Mark);
            else
                result.Write([one]);
        }
    }

    /// <summary>What the next characters become, and how many bytes they are.</summary>
    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> text, SentencePieceModel model, out int length)
    {
        if (model.Map is { } map && map.Replace(text, out length) is var replaced && length > 0)
            return replaced;
        length = CharacterLength(text);
        return text[..length];
    }

    /// <summary>Bytes of the first character; text comes from a string, so it is valid UTF-8.</summary>
    internal static int CharacterLength(ReadOnlySpan<byte> text) =>
        Math.Min(text.Length, text[0] switch { < 0x80 => 1, < 0xe0 => 2, < 0xf0 => 3, _ => 4 });
}
