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
        var list = tensors.ToList();
        var header = Header(list, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in list)
                WriteData(stream, tensor);
        });
    }

    private static byte[] Header(List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
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
            foreach (var (name, tensor) in tensors)
                offset = WriteEntry(json, name, tensor, offset);
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');   // keeps the data aligned, so that it can be mapped
        return buffer.ToArray();
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long offset)
    {
        var end = offset + tensor.numel() * tensor.element_size();
        json.WriteStartObject(name);
        json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.dtype));
        json.WriteStartArray("shape");
        foreach (var s in tensor.shape)
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
