using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vpo.Models.Checkpoints;

namespace Vpo.Rewards.Clip;

/// <summary>CLIP's tokenizer: lower-cased byte-level BPE whose words end in "&lt;/w&gt;", from vocab.json and merges.txt.</summary>
/// <remarks>Safe for concurrent use. Texts are composed to Unicode's form C first where the runtime has globalization data (in invariant mode they are taken as they are).</remarks>
public sealed partial class ClipTokenizer
{
    private const string Begin = "<|startoftext|>", End = "<|endoftext|>", EndOfWord = "</w>";
    private static readonly char[] Bytes = ByteCharacters();

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<(string, string), int> _ranks;

    private ClipTokenizer(Dictionary<string, int> vocabulary, IEnumerable<(string, string)> merges)
    {
        _vocabulary = vocabulary;
        _ranks = merges.Index().ToDictionary(m => m.Item, m => m.Index);
        (BeginId, EndId) = (vocabulary[Begin], vocabulary[End]);
    }

    /// <summary>The id before every text.</summary>
    public int BeginId { get; }

    /// <summary>The id after every text.</summary>
    public int EndId { get; }

    /// <summary>Reads vocab.json and merges.txt of a Hugging Face folder.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged.</exception>
    public static ClipTokenizer Open(string folder)
    {
        try
        {
            var vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(Path.Combine(folder, "vocab.json")))!;
            var merges = File.ReadLines(Path.Combine(folder, "merges.txt")).Where(l => l.Length > 0 && !l.StartsWith("#version", StringComparison.Ordinal))
                .Select(l => l.Split(' ') is [var left, var right] ? (left, right) : throw new FormatException($"'{l}' is not a merge of two tokens"));
            return new(vocabulary, merges);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or FileNotFoundException or ArgumentException)
        {
            throw new CheckpointException($"'{folder}': expected CLIP's vocab.json and merges.txt: {e.Message}", e);
        }
    }

    /// <summary>The ids of a text between begin and end.</summary>
    /// <param name="text">Any text; empty is fine.</param>
    /// <param name="context">Longer texts are cut so that begin and end still fit; null does not cut.</param>
    /// <param name="parseSpecial">Turns "&lt;|endoftext|&gt;" within the text into its id, as Hugging Face does; only for text that is trusted, since it is read out at its end.</param>
    public IReadOnlyList<int> Encode(string text, int? context = null, bool parseSpecial = false)
    {
        var ids = new List<int> { BeginId };
        foreach (var part in parseSpecial ? Special().Split(text) : [text])
        {
            if (parseSpecial && part is Begin or End)
                ids.Add(_vocabulary[part]);
            else
                EncodePlain(part, ids);
        }
        if (ids.Count + 1 > context)
            ids.RemoveRange(context.Value - 1, ids.Count + 1 - context.Value);
        ids.Add(EndId);
        return ids;
    }

    /// <summary>A row of ids for each text, cut and filled up with 0 to the context's length.</summary>
    /// <returns>rows · context ids.</returns>
    internal long[] EncodeRows(IEnumerable<string> texts, int context) =>
        [.. texts.SelectMany(t => Encode(t, context).Select(i => (long)i).Concat(Enumerable.Repeat(0L, context)).Take(context))];

    private void EncodePlain(string text, List<int> ids)
    {
        var normal = Space().Replace(text.Normalize(NormalizationForm.FormC), " ").ToLowerInvariant();
        foreach (Match piece in Piece().Matches(normal))
            ids.AddRange(Merge(piece.Value));
    }

    // Words are short: looking for the best pair again and again costs less than keeping a queue.
    private IEnumerable<int> Merge(string piece)
    {
        List<string> parts = [.. Encoding.UTF8.GetBytes(piece).Select(b => Bytes[b].ToString())];
        parts[^1] += EndOfWord;
        while (parts.Count > 1)
        {
            var (best, at) = (int.MaxValue, -1);
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                if (_ranks.TryGetValue((parts[i], parts[i + 1]), out var rank) && rank < best)
                    (best, at) = (rank, i);
            }
            if (at < 0)
                break;
            parts[at] += parts[at + 1];
            parts.RemoveAt(at + 1);
        }
        return parts.Select(p => _vocabulary.TryGetValue(p, out var id) ? id : EndId);   // unk_token is the end
    }

    // GPT-2's reversible map from bytes to printable characters.
    private static char[] ByteCharacters()
    {
        var (characters, next) = (new char[256], 256);
        for (var b = 0; b < 256; b++)
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return characters;
    }

    [GeneratedRegex(@"(<\|startoftext\|>|<\|endoftext\|>)")]
    private static partial Regex Special();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+")]
    private static partial Regex Piece();
}
