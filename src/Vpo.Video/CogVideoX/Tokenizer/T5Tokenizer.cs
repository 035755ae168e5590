using System.Text.Json;
using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>T5's tokenizer from a folder with spiece.model, as CogVideoX uses it (the "legacy" one of transformers 4): SentencePiece ids, with literal specials such as &lt;/s&gt; and &lt;extra_id_0&gt; split out first.</summary>
/// <remarks>Safe for use from several threads.</remarks>
public sealed class T5Tokenizer
{
    private const int MostId = 1 << 24;

    private readonly SentencePieceModel _model;
    private readonly UnigramSegmenter _segmenter;
    private readonly Dictionary<string, Special> _specials;
    private readonly Regex? _split;

    /// <param name="Id">Its id.</param>
    /// <param name="EatsBefore">Whether spaces before it go (lstrip).</param>
    /// <param name="EatsAfter">Whether spaces after it go (rstrip).</param>
    private readonly record struct Special(int Id, bool EatsBefore, bool EatsAfter);

    private T5Tokenizer(SentencePieceModel model, Dictionary<string, Special> specials)
    {
        (_model, _segmenter, _specials) = (model, new(model), specials);
        if (specials.Count > 0)
            _split = new($"({string.Join('|', specials.Keys.OrderByDescending(key => key.Length).Select(Regex.Escape))})", RegexOptions.CultureInvariant);
    }

    /// <summary>Opens a folder "tokenizer".</summary>
    /// <exception cref="CheckpointException">There is no spiece.model, or a file is damaged or of an unsupported kind.</exception>
    public static T5Tokenizer Open(string folder)
    {
        var path = Path.Combine(folder, "spiece.model");
        if (!File.Exists(path))
            throw new CheckpointException($"'{folder}' holds no spiece.model; take it from the original tokenizer folder.");
        return new(SentencePieceModel.Open(path), Specials(folder));
    }

    /// <summary>Ids without end mark and padding.</summary>
    public IReadOnlyList<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_split is null)
            return Segment(text);
        var parts = _split.Split(text);
        for (var i = 1; i < parts.Length; i += 2)   // odd parts are the specials
        {
            var special = _specials[parts[i]];
            if (special.EatsAfter)
                parts[i + 1] = Trim(parts[i + 1], atEnd: false);
            if (special.EatsBefore)
                parts[i - 1] = Trim(parts[i - 1], atEnd: true);
        }
        var ids = new List<int>();
        for (var i = 0; i < parts.Length; i++)
            ids.AddRange(i % 2 == 1 ? [_specials[parts[i]].Id] : Segment(parts[i]));
        return ids;
    }

    /// <summary>The text as SentencePiece divides it, for tests.</summary>
    internal byte[] Normalize(string text) => TextNormalizer.Normalize(text, _model);

    /// <summary>Ids of a text without specials.</summary>
    internal List<int> Segment(string text) => _segmenter.Segment(Normalize(text));

    private static string Trim(string text, bool atEnd)
    {
        static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';   // Python's notion of space
        var (start, end) = (0, text.Length);
        while (!atEnd && start < end && IsSpace(text[start]))
            start++;
        while (atEnd && end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }

    /// <summary>From tokenizer_config.json where it lists them, else from added_tokens.json.</summary>
    private static Dictionary<string, Special> Specials(string folder)
    {
        var (config, added) = (Path.Combine(folder, "tokenizer_config.json"), Path.Combine(folder, "added_tokens.json"));
        try
        {
            if (File.Exists(config))
            {
                using var json = JsonDocument.Parse(File.ReadAllText(config));
                if (json.RootElement.TryGetProperty("added_tokens_decoder", out var list))
                    return Checked(list.EnumerateObject().Select(e => (e.Value.GetProperty("content").GetString(), Read(int.Parse(e.Name), e.Value))));
            }
            if (!File.Exists(added))
                return [];
            using var ids = JsonDocument.Parse(File.ReadAllText(added));
            return Checked(ids.RootElement.EnumerateObject().Select(e => ((string?)e.Name, new Special(e.Value.GetInt32(), true, true))));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new CheckpointException($"the added tokens of '{folder}' can't be read: {e.Message} Download tokenizer_config.json and added_tokens.json again.", e);
        }
    }

    private static Dictionary<string, Special> Checked(IEnumerable<(string? Text, Special Special)> tokens)
    {
        var specials = new Dictionary<string, Special>(StringComparer.Ordinal);
        foreach (var (text, special) in tokens)
        {
            if (string.IsNullOrEmpty(text) || special.Id is < 0 or > MostId || !specials.TryAdd(text, special))
                throw new FormatException($"expected a text that no other token has and an id from 0 to {MostId}, found '{text}' with {special.Id}.");
        }
        return specials;
    }

    private static Special Read(int id, JsonElement token)
    {
        bool Flag(string key) => token.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;
        return new(id, Flag("lstrip"), Flag("rstrip"));
    }
}
