using System.Buffers.Binary;
using System.Text;

namespace Vpo.Models.Native;

/// <summary>
/// Marks one needed symbol version of a 64-bit little-endian ELF library as weak (VER_FLG_WEAK), so that the dynamic linker accepts its absence.
/// Right only when no relocation refers to a symbol of that version.
/// </summary>
internal static class WeakVersionPatch
{
    private const uint SectionVersionNeed = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <returns>The same array, changed in place.</returns>
    /// <exception cref="BadImageFormatException">The bytes are not such a library, or do not need that version.</exception>
    public static byte[] Apply(byte[] elf, string version)
    {
        if (elf.Length < 64 || !elf.AsSpan(0, 4).SequenceEqual("\u007fELF"u8) || elf[4] != 2 || elf[5] != 1)
            throw new BadImageFormatException("expected a 64-bit little-endian ELF library");
        var sections = checked((int)U64(elf, 0x28));
        var (size, count) = (U16(elf, 0x3a), U16(elf, 0x3c));
        for (var i = 0; i < count; i++)
        {
            var section = sections + i * size;
            if (U32(elf, section + 4) != SectionVersionNeed)
                continue;
            var names = checked((int)U64(elf, sections + checked((int)U32(elf, section + 40)) * size + 24));
            if (MarkWeak(elf, checked((int)U64(elf, section + 24)), names, version))
                return elf;
        }
        throw new BadImageFormatException($"the library does not need {version}; nothing to make optional");
    }

    private static bool MarkWeak(byte[] elf, int need, int names, string version)
    {
        while (true)
        {
            var entry = need + checked((int)U32(elf, need + 8));
            for (var left = U16(elf, need + 2); left > 0; left--, entry += checked((int)U32(elf, entry + 12)))
            {
                if (NameAt(elf, names + checked((int)U32(elf, entry + 8))) != version)
                    continue;
                BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan(entry + 4), (ushort)(U16(elf, entry + 4) | Weak));
                return true;
            }
            var next = checked((int)U32(elf, need + 12));
            if (next == 0)
                return false;
            need += next;
        }
    }

    private static string NameAt(byte[] elf, int offset)
    {
        var rest = elf.AsSpan(offset);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort U16(byte[] b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(at));
    private static uint U32(byte[] b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(at));
    private static ulong U64(byte[] b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b.AsSpan(at));
}
