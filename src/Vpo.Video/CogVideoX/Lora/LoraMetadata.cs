using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vpo.Video.CogVideoX;

/// <summary>peft's configuration as diffusers keeps it in the header of a LoRA file.</summary>
internal static class LoraMetadata
{
    /// <summary>The commonest rank and alpha as they are, layers of others in patterns.</summary>
    public static string Write(IReadOnlyList<AdaptedLayer> layers)
    {
        var (rank, alpha) = (Commonest(layers.Select(l => l.Rank)), Commonest(layers.Select(AlphaOf)));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("transformer.peft_type", "LORA");
            json.WriteNumber("transformer.r", rank);
            json.WriteNumber("transformer.lora_alpha", alpha);
            json.WriteNumber("transformer.lora_dropout", 0);
            json.WriteString("transformer.bias", "none");
            json.WriteBoolean("transformer.use_dora", layers.Any(l => l.Factors.Magnitude is not null));
            json.WriteBoolean("transformer.use_rslora", false);
            WriteTable(json, "transformer.rank_pattern", layers.Where(l => l.Rank != rank).Select(l => (l.Path, (double)l.Rank)));
            WriteTable(json, "transformer.alpha_pattern", layers.Where(l => AlphaOf(l) != alpha).Select(l => (l.Path, AlphaOf(l))));
            json.WriteStartArray("transformer.target_modules");
            foreach (var path in layers.Select(l => l.Path))
                json.WriteStringValue(path);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static double AlphaOf(AdaptedLayer layer) => layer.Scale * layer.Rank;

    private static T Commonest<T>(IEnumerable<T> values) => values.GroupBy(v => v).OrderByDescending(g => g.Count()).First().Key;

    private static void WriteTable(Utf8JsonWriter json, string key, IEnumerable<(string Path, double Value)> entries)
    {
        json.WriteStartObject(key);
        foreach (var (path, value) in entries)
            json.WriteNumber(Regex.Escape(path), value);
        json.WriteEndObject();
    }
}
