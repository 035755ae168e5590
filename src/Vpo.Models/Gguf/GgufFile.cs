using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Gguf;

/// <summary>A GGUF file, version 3: metadata and tensors. Packed tensors are unpacked to float32 when they are read; F16 and BF16 keep their type.</summary>
public sealed class GgufFile : ICheckpoint
{
    private const int ChunkBlocks = 1 << 14;

    private readonly Dictionary<string, Entry> _entries;

    private sealed record Entry(GgufType Type, long[] Shape, long Begin, long Bytes);

    private GgufFile(string location, Dictionary<string, object> metadata, Dictionary<string, Entry> entries)
    {
        (Location, Metadata, _entries) = (location, metadata, entries);
        Shapes = entries.ToDictionary(e => e.Key, e => e.Value.Shape, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string Location { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>Keys with values: long, double, bool, string, or an array of byte, short, int, long, float, double or string.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="CheckpointException">The file is damaged or of another version; the message says where.</exception>
    public static GgufFile Open(string path)
    {
        LibtorchLoader.EnsureLoaded();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var cursor = new GgufCursor(stream, path);
        if (cursor.Left < 24 || cursor.UInt32() != 0x46554747)
            throw new CheckpointException($"'{path}' is not a GGUF file: it does not begin with 'GGUF'. {BrokenDownload.Advice(path)}");
        CheckVersion(path, cursor.UInt32());
        var tensors = cursor.Count("the number of tensors", 24);
        var metadata = ReadMetadata(cursor, cursor.Count("the number of keys", 13));
        if (metadata.GetValueOrDefault("split.count") is long parts and > 1)
            throw new CheckpointException($"'{path}' is one of {parts} parts of a model. Make one file of them: llama-gguf-split --merge <first part> <new file>.");
        return new(path, metadata, ReadEntries(cursor, tensors, metadata, stream.Length));
    }

    /// <summary>How a tensor is packed, by llama.cpp's name of the type.</summary>
    public string TypeOf(string name) => Find(name).Type.Name;

    /// <inheritdoc/>
    public Tensor Read(string name)
    {
        var entry = Find(name);
        var result = entry.Type.Name switch
        {
            "F16" => empty(entry.Shape, dtype: ScalarType.Float16),
            "BF16" => empty(entry.Shape, dtype: ScalarType.BFloat16),
            _ => empty(entry.Shape, dtype: ScalarType.Float32),
        };
        using var flat = result.view(-1);
        var blocks = entry.Bytes / entry.Type.Bytes;
        using var file = File.OpenHandle(Location);
        Parallel.For(0, (blocks + ChunkBlocks - 1) / ChunkBlocks, chunk =>
        {
            var first = chunk * ChunkBlocks;
            var count = (int)Math.Min(ChunkBlocks, blocks - first);
            using var part = flat.narrow(0, first * entry.Type.Values, (long)count * entry.Type.Values);
            Fill(file, entry, first, count, part);
        });
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static void CheckVersion(string path, uint version)
    {
        if (BinaryPrimitives.ReverseEndianness(version) == 3)
            throw new CheckpointException($"'{path}' is a big-endian GGUF file; little-endian ones are supported. Convert it with gguf_convert_endian.py of llama.cpp.");
        if (version != 3)
            throw new CheckpointException($"'{path}' is GGUF version {version}; version 3 is supported. Convert it again with a current llama.cpp.");
    }

    private Entry Find(string name) => _entries.GetValueOrDefault(name) ?? throw new KeyNotFoundException($"'{Location}' has no tensor '{name}'.");

    private void Fill(Microsoft.Win32.SafeHandles.SafeFileHandle file, Entry entry, long first, int count, Tensor part)
    {
        var (type, offset) = (entry.Type, entry.Begin + first * entry.Type.Bytes);
        var packed = type.Values == 1 ? part.bytes : new byte[count * type.Bytes];
        for (var done = 0; done < packed.Length;)
        {
            var read = RandomAccess.Read(file, packed[done..], offset + done);
            done += read > 0 ? read : throw new CheckpointException($"'{Location}' became shorter while it was being read.");
        }
        if (type.Values == 1)
            return;
        var values = MemoryMarshal.Cast<byte, float>(part.bytes);
        for (var block = 0; block < count; block++)
            type.Unpack(packed.Slice(block * type.Bytes, type.Bytes), values.Slice(block * type.Values, type.Values));
    }

    private static Dictionary<string, object> ReadMetadata(GgufCursor cursor, int count)
    {
        var metadata = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var key = cursor.Text("a key");
            if (!metadata.TryAdd(key, cursor.Value(cursor.UInt32(), key)))
                throw cursor.Damaged($"the key {key} appears twice");
        }
        return metadata;
    }

    private static Dictionary<string, Entry> ReadEntries(GgufCursor cursor, int count, Dictionary<string, object> metadata, long length)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = cursor.Text("a tensor's name");
            if (!entries.TryAdd(name, ReadEntry(cursor, name, length)))
                throw cursor.Damaged($"the tensor {name} appears twice");
        }
        var alignment = metadata.GetValueOrDefault("general.alignment") is long a ? a : 32;
        if (alignment is < 1 or > 1 << 20)
            throw cursor.Damaged($"general.alignment is {alignment}");
        var start = (cursor.Position + alignment - 1) / alignment * alignment;
        var end = 0L;
        foreach (var (name, entry) in entries.OrderBy(e => e.Value.Begin).ThenBy(e => e.Value.Bytes).ToList())
        {
            if (entry.Begin < end || entry.Begin > length - start || entry.Bytes > length - start - entry.Begin)
                throw cursor.Damaged($"the tensor {name} ({entry.Bytes} bytes at {entry.Begin}) overlaps another or lies outside the file");
            end = entry.Begin + entry.Bytes;
            entries[name] = entry with { Begin = start + entry.Begin };
        }
        return entries;
    }

    private static Entry ReadEntry(GgufCursor cursor, string name, long length)
    {
        var dimensions = cursor.UInt32();
        if (dimensions > 4)
            throw cursor.Damaged($"the tensor {name} has {dimensions} dimensions");
        var (shape, elements) = (new long[dimensions], 1UL);
        for (var i = (int)dimensions - 1; i >= 0; i--)   // the file has the fastest first
        {
            var size = cursor.UInt64();
            if (size > (ulong)length * 8 || (elements > 0 && size > (ulong)length * 8 / elements))
                throw cursor.Damaged($"the tensor {name} has a dimension of {size}, more than the file can hold");
            (elements, shape[i]) = (elements * size, (long)size);
        }
        var id = cursor.UInt32();
        var type = GgufType.Find(id) ?? throw new CheckpointException($"'{cursor.Location}': the tensor {name} has the type {id}, which is not supported. Supported: {GgufType.Supported}.");
        var offset = cursor.UInt64();
        if ((dimensions == 0 ? 1 : shape[^1]) % type.Values != 0 || offset > (ulong)length)
            throw cursor.Damaged($"the tensor {name} has rows that are not whole blocks of {type.Name}, or lies outside the file");
        return new(type, shape, (long)offset, (long)elements / type.Values * type.Bytes);
    }
}
