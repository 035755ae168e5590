using System.Buffers.Binary;
using System.Text.Json;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>Writes safetensors files: whole or not at all.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes the tensors in the given order, each in its own type; an earlier file of that name is replaced only when the new one is complete.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="tensors">Names and tensors; any device, any strides.</param>
    /// <param name="metadata">Free texts for the header, such as format = pt; may be null.</param>
    /// <exception cref="IOException">The folder can't be written or the disk is full; an earlier file is left whole.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Write(path, [.. tensors.Select(t => new StreamedTensor(t.Key, t.Value.dtype, t.Value.shape, stream => WriteData(stream, t.Value)))], metadata);
    }

    /// <summary>The same for tensors that need never be in memory whole.</summary>
    internal static void Write(string path, IReadOnlyList<StreamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var header = Header(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in tensors)
            {
                var end = stream.Position + tensor.Bytes;
                tensor.Write(stream);
                if (stream.Position != end)
                    throw new InvalidOperationException($"'{tensor.Name}' needs {tensor.Bytes} bytes, {stream.Position - end + tensor.Bytes} were written.");
            }
        });
    }

    private static byte[] Header(IReadOnlyList<StreamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var tensor in tensors)
                offset = WriteEntry(json, tensor, offset);
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');   // keeps the data aligned, so that it can be mapped
        return buffer.ToArray();
    }

    private static long WriteEntry(Utf8JsonWriter json, StreamedTensor tensor, long offset)
    {
        var end = offset + tensor.Bytes;
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.Type));
        json.WriteStartArray("shape");
        foreach (var s in tensor.Shape)
            json.WriteNumberValue(s);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteData(Stream stream, Tensor tensor)
    {
        const long ChunkElements = 1 << 24;   // a Span holds at most 2 GiB
        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().reshape(-1);
        for (var at = 0L; at < flat.numel(); at += ChunkElements)
            stream.Write(flat.narrow(0, at, Math.Min(ChunkElements, flat.numel() - at)).bytes);
    }
}

/// <summary>A tensor whose numbers are made while they are written.</summary>
/// <param name="Name">Of the tensor.</param>
/// <param name="Type">On disk.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Write">Writes its numbers, in order.</param>
internal sealed record StreamedTensor(string Name, ScalarType Type, long[] Shape, Action<Stream> Write)
{
    /// <summary>What it takes on disk.</summary>
    public long Bytes { get; } = Shape.Aggregate((long)SafetensorsHeader.SizeOf(Type), (bytes, size) => bytes * size);
}
