using System.Text.RegularExpressions;

namespace Vpo.Models.Tokenizers;

/// <summary>Tokens that are found in text before anything else is done with it.</summary>
internal sealed class AddedTokens
{
    private readonly Regex? _ordinaryPattern, _allPattern;

    /// <param name="special">Found only on request.</param>
    /// <param name="ordinary">Always found.</param>
    public AddedTokens(IReadOnlyDictionary<string, int> special, IReadOnlyDictionary<string, int> ordinary)
    {
        (Special, Ordinary) = (special, ordinary);
        _ordinaryPattern = PatternOf(ordinary.Keys);
        _allPattern = PatternOf(ordinary.Keys.Concat(special.Keys));
        SpecialIds = special.Values.ToHashSet();
    }

    public IReadOnlyDictionary<string, int> Special { get; }

    public IReadOnlyDictionary<string, int> Ordinary { get; }

    public IReadOnlySet<int> SpecialIds { get; }

    /// <summary>Encodes text: added tokens by id, everything between them by a function.</summary>
    public List<int> Encode(string text, bool parseSpecial, Action<string, List<int>> encode)
    {
        var ids = new List<int>(text.Length / 3 + 1);
        var last = 0;
        foreach (var (start, end) in (parseSpecial ? _allPattern : _ordinaryPattern)?.EnumerateMatches(text).ToList() ?? [])
        {
            if (start > last)
                encode(text[last..start], ids);
            var token = text[start..end];
            ids.Add(Ordinary.TryGetValue(token, out var id) ? id : Special[token]);
            last = end;
        }
        if (last < text.Length)
            encode(text[last..], ids);
        return ids;
    }

    /// <summary>The leftmost, and of those the longest.</summary>
    private static Regex? PatternOf(IEnumerable<string> tokens)
    {
        var pattern = string.Join('|', tokens.Where(t => t.Length > 0).OrderByDescending(t => t.Length).Select(Regex.Escape));
        return pattern.Length == 0 ? null : new Regex(pattern, RegexOptions.CultureInvariant);
    }
}
