using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Vpo.Training;

/// <summary>Writes numbers in the format that TensorBoard reads: records of length, check sum, event and check sum; events as protocol buffers.</summary>
internal sealed class TensorBoardFile : IDisposable
{
    private const string Name = "events.out.tfevents.vpo";

    private readonly FileStream _file;
    private readonly TimeProvider _clock;

    /// <summary>Starts the file of a folder anew.</summary>
    public TensorBoardFile(string folder, TimeProvider clock)
    {
        _clock = clock;
        _file = new(Path.Combine(folder, Name), FileMode.Create, FileAccess.Write, FileShare.Read);
        Write(Event(0, (3, "brain.Event:2"u8.ToArray())));
        _file.Flush();
    }

    /// <summary>Adds the values of one step.</summary>
    public void Add(long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        using var summary = new MemoryStream();
        foreach (var (name, value) in values)
        {
            using var one = new MemoryStream();
            Field(one, 1, Encoding.UTF8.GetBytes(name));
            one.WriteByte(2 << 3 | 5);
            one.Write(BitConverter.GetBytes((float)value));
            Field(summary, 1, one.ToArray());
        }
        Write(Event(step, (5, summary.ToArray())));
        _file.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C, turned and shifted as TFRecord asks, so that a sum of sums does not come out as nothing.</summary>
    internal static uint MaskedSum(ReadOnlySpan<byte> data)
    {
        var sum = uint.MaxValue;
        foreach (var b in data)
            sum = BitOperations.Crc32C(sum, b);
        sum = ~sum;
        return (sum >> 15 | sum << 17) + 0xa282ead8;
    }

    private byte[] Event(long step, (int Number, byte[] Value) content)
    {
        using var message = new MemoryStream();
        message.WriteByte(1 << 3 | 1);
        message.Write(BitConverter.GetBytes(_clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0));
        message.WriteByte(2 << 3);
        Varint(message, (ulong)step);
        Field(message, content.Number, content.Value);
        return message.ToArray();
    }

    private void Write(byte[] record)
    {
        Span<byte> head = stackalloc byte[12], tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)record.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedSum(head[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedSum(record));
        _file.Write(head);
        _file.Write(record);
        _file.Write(tail);
    }

    private static void Field(Stream into, int number, byte[] value)
    {
        into.WriteByte((byte)(number << 3 | 2));
        Varint(into, (ulong)value.Length);
        into.Write(value);
    }

    private static void Varint(Stream into, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            into.WriteByte((byte)(value | 0x80));
        into.WriteByte((byte)value);
    }
}
