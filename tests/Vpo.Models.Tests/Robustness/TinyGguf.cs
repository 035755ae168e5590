using System.Text;

namespace Vpo.Models.Tests.Robustness;

/// <summary>Writes small GGUF files.</summary>
internal static class TinyGguf
{
    private const uint Int32 = 5, Text = 8, List = 9;

    /// <summary>A file with a byte-level BPE tokenizer of a few tokens.</summary>
    public static string Write(string path)
    {
        string[] tokens = ["<|begin|>", .. "acdgost12,".Select(c => c.ToString()), "Ġ", "ca", "cat", "Ġd"];
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write(0L);
        writer.Write(5L);
        Write(writer, "tokenizer.ggml.model", "gpt2");
        Write(writer, "tokenizer.ggml.pre", "smollm");
        Write(writer, "tokenizer.ggml.tokens", tokens);
        Write(writer, "tokenizer.ggml.merges", ["c a", "ca t", "Ġ d"]);
        Write(writer, "tokenizer.ggml.token_type", List);
        writer.Write(Int32);
        writer.Write((long)tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
            writer.Write(i == 0 ? 3 : 1);   // control, normal
        return path;
    }

    /// <summary>A file without metadata, with entries of float32 tensors at offset 0 and nothing behind them.</summary>
    public static string Write(string path, Dictionary<string, long[]> tensors)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write("GGUF"u8);
        writer.Write(3);
        writer.Write((long)tensors.Count);
        writer.Write(0L);
        foreach (var (name, sizes) in tensors)
        {
            Write(writer, name);
            writer.Write(sizes.Length);
            Array.ForEach(sizes, writer.Write);
            writer.Write(0);   // F32
            writer.Write(0L);
        }
        writer.Write(new byte[32]);
        return path;
    }

    private static void Write(BinaryWriter writer, string key, string value)
    {
        Write(writer, key, Text);
        Write(writer, value);
    }

    private static void Write(BinaryWriter writer, string key, string[] values)
    {
        Write(writer, key, List);
        writer.Write(Text);
        writer.Write((long)values.Length);
        foreach (var value in values)
            Write(writer, value);
    }

    private static void Write(BinaryWriter writer, string key, uint type)
    {
        Write(writer, key);
        writer.Write(type);
    }

    private static void Write(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((long)bytes.Length);
        writer.Write(bytes);
    }
}
