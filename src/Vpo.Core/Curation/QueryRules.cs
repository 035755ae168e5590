using System.Globalization;
using System.Text.RegularExpressions;

namespace Vpo.Curation;

/// <summary>The rules as numbers and lists. The paper names length, special characters and keywords and gives no figures: the defaults are wide, and what they remove from the released queries is in docs/experiments.md.</summary>
public sealed partial record QueryRules
{
    /// <summary>Fewest characters; the released files begin at 4.</summary>
    public int MinCharacters { get; init; } = 4;

    /// <summary>Most characters; the released files end at 1,106.</summary>
    public int MaxCharacters { get; init; } = 1200;

    /// <summary>Fewest words without options; default 1.</summary>
    public int MinWords { get; init; } = 1;

    /// <summary>Most words without options; the released files end at 157 with them.</summary>
    public int MaxWords { get; init; } = 160;

    /// <summary>Least share of letters among the characters that are not white space, from 0 to 1; options do not count.</summary>
    public double MinLetterShare { get; init; } = 0.5;

    /// <summary>Longest run of one character other than a space; longer ones are noise ("aaaaaaaaaaaa").</summary>
    public int MaxRun { get; init; } = 12;

    /// <summary>Most lines; null: any number.</summary>
    public int? MaxLines { get; init; }

    /// <summary>Whether a web address removes a query: it points to what the optimizer can't see.</summary>
    public bool AllowAddresses { get; init; }

    /// <summary>Words or phrases that remove a query, whole words, in any case. Empty by default: unsafe queries are wanted for training and are set apart by labels and judge.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Languages to keep, as two letters; null keeps all.</summary>
    public IReadOnlyList<string>? Languages { get; init; }

    /// <summary>Whether queries with HTML entities stay; they are decoded in any case.</summary>
    public bool AllowEntities { get; init; } = true;

    /// <summary>Names of options whose queries go ("message"); empty by default: options are parsed, not dropped.</summary>
    public IReadOnlyList<string> ForbiddenOptions { get; init; } = [];

    /// <summary>The rules in the order in which they are asked; the first that removes a query is named.</summary>
    public IReadOnlyList<QueryRule> All()
    {
        var keywords = Keywords.Count == 0 ? null : new Regex($@"(?<![\p{{L}}\p{{N}}])(?:{string.Join('|', Keywords.Select(Regex.Escape))})(?![\p{{L}}\p{{N}}])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        List<QueryRule?> rules =
        [
            new("options-only", "Nothing is left when the options are taken out.", q => q.Parsed.Text.Length == 0 && q.Text.Length > 0),
            new("too-few-characters", Say($"Fewer than {MinCharacters} characters."), q => q.Text.Length < MinCharacters),
            new("too-many-characters", Say($"More than {MaxCharacters} characters."), q => q.Text.Length > MaxCharacters),
            new("too-few-words", Say($"Fewer than {MinWords} words besides options."), q => q.Words.Count < MinWords),
            new("too-many-words", Say($"More than {MaxWords} words besides options."), q => q.Words.Count > MaxWords),
            new("few-letters", Say($"Letters are less than {MinLetterShare:0.##} of the characters."), q => LetterShare(q.Parsed.Text) < MinLetterShare),
            new("long-run", Say($"One character more than {MaxRun} times in a row."), q => LongestRun(q.Parsed.Text) > MaxRun),
            MaxLines is { } lines ? new("too-many-lines", Say($"More than {lines} lines."), q => q.Text.Count(c => c == '\n') >= lines) : null,
            AllowAddresses ? null : new("address", "Holds a web address.", q => Address().IsMatch(q.Text)),
            AllowEntities ? null : new("entities", "Holds HTML entities.", q => Queries.HtmlText.HasEntities(q.Source.Text)),
            keywords is null ? null : new("keyword", "Holds a word of the list.", q => keywords.IsMatch(q.Text)),
            ForbiddenOptions.Count == 0 ? null : new("option", $"Holds an option of: {string.Join(", ", ForbiddenOptions)}.", q => q.Parsed.Options.Any(o => ForbiddenOptions.Contains(o.Name))),
            Languages is null ? null : new("language", $"Does not look like: {string.Join(", ", Languages)}.", q => !Languages.Contains(q.Language)),
        ];
        return [.. rules.OfType<QueryRule>()];
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double LetterShare(string text)
    {
        var (letters, all) = (0, 0);
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
                continue;
            all++;
            if (char.IsLetter(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Surrogate)
                letters++;
        }
        return all == 0 ? 0 : letters / (double)all;
    }

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            run = i > 0 && text[i] == text[i - 1] && !char.IsWhiteSpace(text[i]) ? run + 1 : 1;
            longest = Math.Max(longest, run);
        }
        return longest;
    }

    [GeneratedRegex(@"https?://|(?<![\p{L}\d])www\.\w", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
