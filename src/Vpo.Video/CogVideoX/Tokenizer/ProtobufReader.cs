using System.Buffers.Binary;
using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>The fields of a protobuf message, one after another; just what a SentencePiece model needs.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5, MaxVarint = 10;
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a number or flag.</summary>
    public ulong Number { get; private set; }

    /// <summary>Value of a string, of bytes or of a message inside.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Value of a float.</summary>
    /// <exception cref="CheckpointException">The field is of another kind.</exception>
    public readonly float Float => Content.Length == sizeof(float) ? BinaryPrimitives.ReadSingleLittleEndian(Content)
        : throw new CheckpointException($"not a SentencePiece model: field {Field} must be a number of 4 bytes, it has {Content.Length}.");

    /// <exception cref="CheckpointException">The message is cut off or is not protobuf.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        var key = ReadVarint();
        Field = (int)(key >> 3);
        Number = 0;
        Content = default;
        switch (key & 7)
        {
            case Varint: Number = ReadVarint(); break;
            case Fixed64: Content = Take(sizeof(ulong)); break;
            case Fixed32: Content = Take(sizeof(uint)); break;
            case Bytes: Content = Take(ReadVarint()); break;
            default: throw new CheckpointException($"not a SentencePiece model: a field has the unknown wire type {key & 7}.");
        }
        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarint; i++)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7f) << (7 * i);
            if (part < 0x80)
                return value;
        }
        throw new CheckpointException("not a SentencePiece model: a number has more than ten bytes.");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
            throw new CheckpointException($"the SentencePiece model is cut off: {count} bytes expected, {_rest.Length} are left.");
        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
