using Vpo.Atoms.Language;

namespace Vpo.Atoms;

/// <summary>A word or phrase that may be harmful.</summary>
/// <param name="Category">violence, gore, sexual, hate, self-harm, illegal, horror or politics.</param>
/// <param name="Level">2 mild, 3 harmful, 4 severely harmful.</param>
/// <param name="Words">As the text has it.</param>
public sealed record UnsafeWord(string Category, int Level, string Words);

/// <summary>Finds vocabulary that speaks of harm, by category and level. A word list sees words, not meaning: use it as a gate and a second opinion, not as the only guard.</summary>
public static class UnsafeWords
{
    private const int NegationReach = 3;

    private static readonly Dictionary<string, List<(string Category, int Level, string[] Words)>> Entries = Read();

    /// <summary>All finds in their order; words after "no", "without" or the option -neg, and harmless uses such as "blood orange", are none.</summary>
    public static IReadOnlyList<UnsafeWord> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = Tokenizer.Read(text);
        var found = new List<UnsafeWord>();
        for (var i = 0; i < tokens.Count;)
        {
            var (category, level, words) = At(tokens, i);
            if (words is null)
            {
                i++;
                continue;
            }
            if (level > 0 && !IsNegated(tokens, i) && !IsUnwanted(text, tokens, i))
                found.Add(new(category, level, text[tokens[i].Start..tokens[i + words.Length - 1].End]));
            i += words.Length;
        }
        return found;
    }

    /// <summary>1 when nothing is found, else the highest level of what is.</summary>
    public static int Level(string text) => Find(text).Select(f => f.Level).DefaultIfEmpty(1).Max();

    /// <summary>The longest entry at a place; of equally long ones the more harmful.</summary>
    private static (string Category, int Level, string[]? Words) At(List<Token> tokens, int at)
    {
        (string, int Level, string[]? Words) best = ("", 0, null);
        foreach (var key in new[] { tokens[at].Text, tokens[at].Word.Noun, tokens[at].Word.Verb ?? tokens[at].Text }.Distinct())
        {
            foreach (var entry in Entries.GetValueOrDefault(key) ?? [])
            {
                var longer = entry.Words.Length - (best.Words?.Length ?? 0);
                if ((longer > 0 || (longer == 0 && entry.Level > best.Level)) && at + entry.Words.Length <= tokens.Count && entry.Words.Index().All(w => tokens[at + w.Index].Means(w.Item)))
                    best = entry;
            }
        }
        return best;
    }

    private static bool IsNegated(List<Token> tokens, int at)
    {
        for (var before = at - 1; before >= 0 && before >= at - NegationReach && tokens[before].Sentence == tokens[at].Sentence; before--)
        {
            if (tokens[before].Text is "no" or "without" or "never")
                return true;
        }
        return false;
    }

    /// <summary>Whether the last option that begins before a place is -neg, which lists what must not be seen.</summary>
    private static bool IsUnwanted(string text, List<Token> tokens, int at)
    {
        for (; at >= 0; at--)
        {
            var start = tokens[at].Start;
            if (start > 0 && text[start - 1] == '-' && (start == 1 || !char.IsLetterOrDigit(text[start - 2])))
                return tokens[at].Text is "neg" or "negative";
        }
        return false;
    }

    private static Dictionary<string, List<(string, int, string[])>> Read()
    {
        var entries = new Dictionary<string, List<(string, int, string[])>>();
        foreach (var (name, ways) in WordFile.Entries("unsafe"))
        {
            var (category, level) = name.Split(' ') is [var c, var l] ? (c, int.Parse(l, System.Globalization.CultureInfo.InvariantCulture)) : ("", 0);
            foreach (var way in ways)
            {
                string[] words = [.. Tokenizer.Read(way).Select(t => t.Text)];
                if (!entries.TryGetValue(words[0], out var list))
                    entries.Add(words[0], list = []);
                list.Add((category, level, words));
            }
        }
        return entries;
    }
}
