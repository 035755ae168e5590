using System.Buffers.Binary;
using System.Text;
using Vpo.Models.Checkpoints;

namespace Vpo.Models.Gguf;

/// <summary>Reads the header of a GGUF file, never past its end and never reserving more than the file could fill.</summary>
internal sealed class GgufCursor(Stream stream, string location)
{
    private readonly byte[] _small = new byte[8];

    public string Location => location;

    public long Position => stream.Position;

    public long Left => stream.Length - stream.Position;

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Fixed(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Fixed(8));

    /// <summary>A count of things that take at least some bytes each.</summary>
    public int Count(string what, int bytesEach)
    {
        var count = UInt64();
        return count <= (ulong)(Left / bytesEach) && count <= int.MaxValue / 2
            ? (int)count
            : throw Damaged($"{what} says {count}, but {Left} bytes are left in the file");
    }

    public string Text(string what)
    {
        var bytes = new byte[Count($"the length of {what}", 1)];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A value of the given type: long, double, bool, string, or an array of one of these.</summary>
    public object Value(uint type, string key) => type switch
    {
        0 => (long)Fixed(1)[0],
        1 => (long)(sbyte)Fixed(1)[0],
        2 => (long)BinaryPrimitives.ReadUInt16LittleEndian(Fixed(2)),
        3 => (long)BinaryPrimitives.ReadInt16LittleEndian(Fixed(2)),
        4 => (long)UInt32(),
        5 => (long)BinaryPrimitives.ReadInt32LittleEndian(Fixed(4)),
        6 => (double)BinaryPrimitives.ReadSingleLittleEndian(Fixed(4)),
        7 => Fixed(1)[0] != 0,
        8 => Text(key),
        9 => List(key),
        10 => UInt64() is var big and <= long.MaxValue ? (long)big : throw Damaged($"{key} is greater than 2^63"),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Fixed(8)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Fixed(8)),
        _ => throw Damaged($"{key} has the unknown type {type}"),
    };

    public CheckpointException Damaged(string what) => new($"'{location}' is not a sound GGUF file: {what} (at byte {Position}). Download it again.");

    private Array List(string key)
    {
        var type = UInt32();
        return type switch
        {
            8 => Fill(new string[Count(key, 8)], _ => Text(key)),
            6 => Fill(new float[Count(key, 4)], _ => BinaryPrimitives.ReadSingleLittleEndian(Fixed(4))),
            12 => Fill(new double[Count(key, 8)], _ => BinaryPrimitives.ReadDoubleLittleEndian(Fixed(8))),
            0 or 1 or 7 => Fill(new byte[Count(key, 1)], _ => Fixed(1)[0]),
            2 or 3 => Fill(new short[Count(key, 2)], _ => BinaryPrimitives.ReadInt16LittleEndian(Fixed(2))),
            4 or 5 => Fill(new int[Count(key, 4)], _ => BinaryPrimitives.ReadInt32LittleEndian(Fixed(4))),
            10 or 11 => Fill(new long[Count(key, 8)], _ => BinaryPrimitives.ReadInt64LittleEndian(Fixed(8))),
            _ => throw Damaged($"{key} is a list of the type {type}"),
        };
    }

    private static T[] Fill<T>(T[] list, Func<int, T> read)
    {
        for (var i = 0; i < list.Length; i++)
            list[i] = read(i);
        return list;
    }

    private ReadOnlySpan<byte> Fixed(int count)
    {
        if (Left < count)
            throw Damaged("it ends in the middle of its header");
        stream.ReadExactly(_small, 0, count);
        return _small.AsSpan(0, count);
    }
}
