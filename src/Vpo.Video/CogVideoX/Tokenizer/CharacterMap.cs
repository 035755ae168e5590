using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>SentencePiece's precompiled normalisation: a double-array trie from byte sequences to their replacements.</summary>
internal sealed class CharacterMap
{
    private const uint LeafFlag = 1u << 8, WideFlag = 1u << 9, ValueMask = (1u << 31) - 1, LabelMask = (1u << 31) | 0xff;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <param name="blob">Length of the trie, trie, replacements that end in a zero byte.</param>
    public CharacterMap(ReadOnlySpan<byte> blob)
    {
        var size = blob.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(blob) : uint.MaxValue;
        if (size == 0 || size % sizeof(uint) != 0 || size > blob.Length - sizeof(uint))
            throw Damaged("its length does not fit");
        _units = MemoryMarshal.Cast<byte, uint>(blob.Slice(sizeof(uint), (int)size)).ToArray();
        _replacements = blob[(sizeof(uint) + (int)size)..].ToArray();
    }

    /// <summary>The replacement of the longest known sequence at the beginning of a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <exception cref="CheckpointException">The table leads out of itself.</exception>
    /// <param name="length">How many bytes it replaces; 0 when none is known.</param>
    public ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        var (found, node) = (0u, Offset(_units[0]));
        for (var i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (node >= _units.Length || (_units[node] & LabelMask) != text[i])
                break;
            var unit = _units[node];
            node ^= Offset(unit);
            if ((unit & LeafFlag) == 0)
                continue;
            if (node >= _units.Length)
                throw Damaged($"it leads to entry {node} of {_units.Length}");
            (found, length) = (_units[node] & ValueMask, i + 1);
        }
        if (length == 0)
            return default;
        if (found > _replacements.Length)
            throw Damaged($"a replacement begins at byte {found} of {_replacements.Length}");
        var rest = _replacements.AsSpan((int)found);
        var end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    private static CheckpointException Damaged(string what) => new($"the table of characters in spiece.model is damaged: {what}. Download the file again.");

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & WideFlag) >> 6);
}
