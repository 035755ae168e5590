using System.Text.RegularExpressions;

namespace Vpo.Queries;

/// <summary>Parts the options that users type for video tools (<c>-ar 16:9 -neg blurry -camera zoom in</c>) from what they wish for.</summary>
public static partial class OptionTags
{
    private static readonly (Regex Pattern, string? Name)[] Known =
    [
        (OptionPatterns.AspectRatio(), QueryOptionNames.AspectRatio),
        (OptionPatterns.Numbers(), null),
        (OptionPatterns.Camera(), QueryOptionNames.Camera),
        (OptionPatterns.Switches(), null),
        (OptionPatterns.ShortNumbers(), null),
    ];

    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["m"] = "motion",
        ["mo"] = "motion",
        ["mov"] = "motion",
        ["move"] = "motion",
        ["movement"] = "motion",
        ["motionon"] = "motion",
        ["moition"] = "motion",
        ["motin"] = "motion",
        ["fgs"] = "gs",
        ["guidance"] = "gs",
        ["seeds"] = "seed",
        ["s"] = "stylize",
        ["q"] = "quality",
        ["c"] = "chaos",
        ["v"] = "version",
        ["w"] = "weight",
    };

    /// <summary>Takes a query apart. Any text is allowed; parsing its <see cref="ParsedQuery.Text"/> again finds nothing more.</summary>
    public static ParsedQuery Parse(string query)
    {
        var rest = HtmlText.Decode(query);
        var cuts = new List<ParsedQuery.Cut>();
        var options = new List<QueryOption>();
        while (Find(rest) is { Count: > 0 } found)
        {
            options.AddRange(found.SelectMany(f => f.Options));
            foreach (var (start, end, _) in Enumerable.Reverse(found))
            {
                cuts.Add(new(start, rest[start..end]));
                rest = string.Concat(rest.AsSpan(0, start), " ", rest.AsSpan(end));
            }
        }
        return new() { Text = Tidy(rest), Options = options, NegativePrompt = NegativePrompt(options), Cuts = cuts, Rest = rest };
    }

    /// <summary>White space runs become one space, or one line end where they hold one; commas left over at the end go.</summary>
    private static string Tidy(string text) => Spaces().Replace(text, run => run.Value.Contains('\n', StringComparison.Ordinal) ? "\n" : " ").TrimEnd(' ', '\n', ',', ';').TrimStart();

    private static List<Found> Find(string text)
    {
        if (!MayHoldOptions(text))
            return [];
        var found = Messages(text).Concat(Known.SelectMany(k => Matches(text, k.Pattern, k.Name))).OrderBy(f => f.Start).ThenByDescending(f => f.End).ToList();
        found = WithoutOverlaps(found);
        foreach (Match match in OptionPatterns.Negative().Matches(text))
        {
            var stop = found.Where(f => f.Start >= match.Index + match.Length).Select(f => f.Start).DefaultIfEmpty(text.Length).Min();
            var end = EndOfNegative(text, match.Index + match.Length, stop);
            found.Add(new(match.Index, end, [new(QueryOptionNames.Negative, Unquoted(text[(match.Index + match.Length)..end]), text[match.Index..end])]));
        }
        return WithoutOverlaps([.. found.OrderBy(f => f.Start).ThenByDescending(f => f.End)]);
    }

    /// <summary>A quick no for most texts.</summary>
    private static bool MayHoldOptions(string text) => text.AsSpan().IndexOfAnyInRange('\u2010', '\u2015') >= 0 || text.AsSpan().IndexOfAny('-', '\u2212') >= 0
        || text.Contains("message", StringComparison.OrdinalIgnoreCase) || text.Contains("neg", StringComparison.OrdinalIgnoreCase);

    private static List<Found> WithoutOverlaps(List<Found> sorted)
    {
        var kept = new List<Found>();
        foreach (var found in sorted)
        {
            if (kept.Count == 0 || found.Start >= kept[^1].End)
                kept.Add(found);
        }
        return kept;
    }

    private static IEnumerable<Found> Matches(string text, Regex pattern, string? name) => pattern.Matches(text).Select(match =>
    {
        var typed = name ?? match.Groups["n"].Value.ToLowerInvariant();
        return new Found(match.Index, match.Index + match.Length, [new(Names.GetValueOrDefault(typed, typed), Spaces().Replace(match.Groups["v"].Value, " ").Trim(), match.Value)]);
    });

    private static IEnumerable<Found> Messages(string text) => OptionPatterns.Message().Matches(text).Select(match => new Found(match.Index, match.Index + match.Length,
    [
        new(QueryOptionNames.Message, match.Groups["v"].Value.Trim(), match.Value),
        new(QueryOptionNames.Font, match.Groups["f"].Value.Trim(), match.Value),
    ]));

    /// <summary>Behind the closing quote, or before the next option, or at the line's end.</summary>
    private static int EndOfNegative(string text, int start, int stop)
    {
        var first = start;
        while (first < stop && char.IsWhiteSpace(text[first]))
            first++;
        if (first < text.Length && ClosingQuote(text[first]) is { } quote && text.IndexOf(quote, first + 1) is >= 0 and var closed)
            return closed + 1;
        var line = first < stop ? text.IndexOf('\n', first, stop - first) : -1;
        return line >= 0 ? line : stop;
    }

    private static char? ClosingQuote(char opening) => opening switch { '"' => '"', '“' => '”', '«' => '»', '„' => '“', _ => null };

    private static string Unquoted(string value) => Spaces().Replace(value, " ").Trim(' ', '"', '“', '”', '„', '«', '»', ',', ';');

    private static string? NegativePrompt(List<QueryOption> options)
    {
        var values = options.Where(o => o.Name == QueryOptionNames.Negative).Select(o => LeadingNo().Replace(o.Value, "")).Where(v => v.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?:no\s+)+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LeadingNo();

    private sealed record Found(int Start, int End, IReadOnlyList<QueryOption> Options);
}
