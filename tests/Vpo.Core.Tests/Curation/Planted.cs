using System.Net;
using Vpo.Curation;
using Vpo.Queries;

namespace Vpo.Tests.Curation;

/// <summary>A data set with known repetitions: recombined real queries, and copies, variants and edits of some of them.</summary>
internal sealed record Planted(IReadOnlyList<SourceQuery> Queries, IReadOnlyList<(int Original, int Copy)> Copies, IReadOnlyList<(int Original, int Copy)> Variants, IReadOnlyList<(int Original, int Copy)> Edits)
{
    private static readonly string[] Strange = ["zeppelin", "marzipan", "quokka", "obsidian", "tambourine", "glacier", "papaya", "lighthouse", "scaffold", "velvet"];

    /// <param name="pool">Real queries.</param>
    /// <param name="count">How many different ones to make of them before planting.</param>
    /// <param name="seed">Of everything.</param>
    public static Planted Make(IReadOnlyList<string> pool, int count, int seed)
    {
        var random = new Random(seed);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var texts = new List<string>(count);
        while (texts.Count < count)
        {
            var text = texts.Count < pool.Count && random.Next(4) == 0 ? pool[random.Next(pool.Count)].Trim() : Recombine(pool[random.Next(pool.Count)], pool[random.Next(pool.Count)], random);
            if (text.Length >= 4 && known.Add(text))
                texts.Add(text);
        }
        var share = count / 100;
        var places = Enumerable.Range(0, count).ToArray();
        random.Shuffle(places);
        var (copies, variants, edits) = (new List<(int, int)>(), new List<(int, int)>(), new List<(int, int)>());
        foreach (var place in places.Take(share))
            Plant(texts, copies, place, texts[place]);
        foreach (var place in places.Skip(share).Where(p => texts[p].Any(char.IsLetter)).Take(share))
            Plant(texts, variants, place, Vary(texts[place], random));
        foreach (var place in places.Skip(2 * share))
        {
            if (edits.Count == share)
                break;
            if (Edit(texts[place], random) is { } edited && known.Add(edited))
                Plant(texts, edits, place, edited);
        }
        return new([.. texts.Select((text, i) => new SourceQuery(text) { SourceId = $"row-{i:0000000}" })], copies, variants, edits);
    }

    private static void Plant(List<string> texts, List<(int, int)> list, int original, string text)
    {
        list.Add((original, texts.Count));
        texts.Add(text);
    }

    /// <summary>The beginning of one and the end of another.</summary>
    private static string Recombine(string a, string b, Random random)
    {
        var (first, second) = (a.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), b.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return string.Join(' ', first.Take(random.Next(first.Length / 3, first.Length + 1)).Concat(second.Skip(random.Next(0, 2 * second.Length / 3 + 1))));
    }

    private static string Vary(string text, Random random) => random.Next(6) switch
    {
        0 => text.ToUpperInvariant(),
        1 => text + (random.Next(2) == 0 ? "!" : "."),
        2 => WebUtility.HtmlEncode("\"" + text + "\""),
        3 => text.Replace(",", " ,", StringComparison.Ordinal) + " ,",
        4 => text.Replace(" ", "  ", StringComparison.Ordinal).ToLowerInvariant() + " ...",
        _ => "  " + char.ToUpperInvariant(text[0]) + text[1..].Replace("'", "&#39;", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal) + ";",
    };

    /// <summary>One or two words replaced, dropped or added, with BLEU-4 of at least 0.7; null when three tries gave less.</summary>
    private static string? Edit(string text, Random random)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var words = text.Split(' ').ToList();
            for (var edits = random.Next(1, 3); edits > 0 && words.Count > 1; edits--)
            {
                var (at, strange) = (random.Next(words.Count), Strange[random.Next(Strange.Length)]);
                switch (random.Next(3))
                {
                    case 0: words[at] = strange; break;
                    case 1: words.RemoveAt(at); break;
                    default: words.Insert(at, strange); break;
                }
            }
            var edited = string.Join(' ', words);
            if (edited != text && Bleu.Sentence(Bleu.Words(edited), [Bleu.Words(text)]) >= 0.7)
                return edited;
        }
        return null;
    }
}
