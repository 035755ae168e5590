namespace Vpo.Atoms.Language;

/// <summary>Small changes of one sentence.</summary>
internal static class SentenceEdits
{
    private static readonly Dictionary<string, string> Sides = new() { ["left"] = "right", ["right"] = "left", ["in"] = "out", ["out"] = "in", ["into"] = "out of", ["up"] = "down", ["down"] = "up", ["above"] = "below", ["below"] = "above", ["behind"] = "in front of" };

    /// <summary>A clause before the sentence's last mark.</summary>
    internal static string Add(string clause, PromptText sentence)
    {
        var at = sentence.Tokens.Count == 0 ? sentence.Text.Length : sentence.Tokens[^1].End;
        while (at < sentence.Text.Length && sentence.Text[at] is '"' or '\u201D' or '\'' or '\u2019' or ')' or ']')
            at++;
        return sentence.Text.Insert(at, clause);
    }

    /// <summary>The sentence with the wanted number, colour or side in the place of the wrong one, or before the thing; null when there is no such place.</summary>
    internal static string? Replace(Atom atom, IReadOnlyList<Atom> all, PromptText sentence) => atom.Kind switch
    {
        AtomKind.Color when atom.Of is { } of => sentence.Named(of) is [var thing, ..] ? Colored(atom, all, sentence, thing) : null,
        AtomKind.Count => sentence.Named(atom.Of!) is [var thing, ..] ? Counted(atom, sentence, thing) : null,
        AtomKind.Camera or AtomKind.Spatial => Turned(atom, sentence),
        _ => null,
    };

    /// <summary>The sentence without the clause that names a thing; without the words alone when it has no other clause.</summary>
    internal static string TakeOut(string name, PromptText sentence)
    {
        var words = name.Split(' ');
        var at = sentence.Places(words[0]).FirstOrDefault(p => p + words.Length <= sentence.Tokens.Count && words.Index().All(w => sentence.Tokens[p + w.Index].Means(w.Item)), -1);
        if (at < 0)
            return sentence.Text;
        var (first, last) = (at, at + words.Length - 1);
        while (first > 0 && !sentence.Tokens[first].AfterBreak)
            first--;
        while (last + 1 < sentence.Tokens.Count && !sentence.Tokens[last + 1].AfterBreak)
            last++;
        if (first == 0 && last == sentence.Tokens.Count - 1)
            (first, last) = (at > 0 && sentence.Tokens[at - 1].Is(WordClass.Determiner) ? at - 1 : at, at + words.Length - 1);
        var start = first == 0 ? sentence.Tokens[0].Start : sentence.Tokens[first - 1].End;
        var end = first == 0 && last + 1 < sentence.Tokens.Count ? sentence.Tokens[last + 1].Start : sentence.Tokens[last].End;
        return sentence.Text.Remove(start, end - start);
    }

    private static string Colored(Atom atom, IReadOnlyList<Atom> all, PromptText sentence, int thing)
    {
        var before = thing > 0 ? sentence.Tokens[thing - 1] : null;
        if (before?.Is(WordClass.Color) == true && !all.Any(a => a.Kind == AtomKind.Color && a.Of == atom.Of && a.Name == Lexicon.Color(before.Text)))
            return Put(sentence.Text, before.Start, before.End, atom.Name);
        if (before?.Is(WordClass.Color) == true)
            return sentence.Text.Insert(before.Start, atom.Name + " and ");
        var first = thing - Math.Min(thing, atom.Of!.Count(c => c == ' '));
        var start = sentence.Tokens[Enumerable.Range(first, thing - first).All(i => !sentence.Tokens[i].AfterBreak && sentence.Tokens[i].Is(WordClass.Small) is false) ? first : thing].Start;
        return WithArticle(sentence.Text.Insert(start, atom.Name + " "), start);
    }

    private static string? Counted(Atom atom, PromptText sentence, int thing)
    {
        var wanted = int.Parse(atom.Name, System.Globalization.CultureInfo.InvariantCulture);
        for (var at = thing - 1; at >= 0 && at >= thing - 4 && !sentence.Tokens[at + 1].AfterBreak; at--)
        {
            var token = sentence.Tokens[at];
            if (!token.Is(WordClass.Number) && token.Text is not ("a" or "an" or "the" or "some" or "several" or "many"))
                continue;
            var noun = sentence.Tokens[thing];
            var plural = wanted > 1 && noun.Word.Noun == noun.Text && char.IsLower(sentence.Text[noun.Start]) ? Inflection.S(noun.Text) : sentence.Text[noun.Start..noun.End];
            return Put(Put(sentence.Text, noun.Start, noun.End, wanted == 1 ? noun.Word.Noun : plural), token.Start, token.End, char.IsUpper(sentence.Text[token.Start]) ? Capital(AtomClauses.InWords(wanted)) : AtomClauses.InWords(wanted));
        }
        return null;
    }

    private static string? Turned(Atom atom, PromptText sentence)
    {
        if (AtomSearch.Find(atom, sentence) is not { Status: AtomStatus.Changed, Instead: { } wrong })
            return null;
        foreach (var hit in sentence.Phrases.Where(h => h.Phrase.Kind == atom.Kind && (h.Phrase.Name == wrong || (atom.Kind == AtomKind.Spatial && Relations.Inverse(h.Phrase.Name) == wrong))))
        {
            foreach (var token in sentence.Tokens.GetRange(hit.Start, hit.End - hit.Start))
            {
                if (Sides.TryGetValue(token.Text, out var other))
                    return Put(sentence.Text, token.Start, token.End, other);
            }
        }
        return null;
    }

    private static string Put(string text, int start, int end, string other) => string.Concat(text.AsSpan(0, start), other, text.AsSpan(end));

    /// <summary>"a" or "an" before a word that was put in.</summary>
    private static string WithArticle(string text, int at)
    {
        var vowel = "aeiou".Contains(char.ToLowerInvariant(text[at]), StringComparison.Ordinal);
        if (vowel && at >= 2 && text[at - 1] == ' ' && text[at - 2] is 'a' or 'A' && (at == 2 || text[at - 3] == ' '))
            return text.Insert(at - 1, "n");
        return !vowel && at >= 3 && text.AsSpan(at - 3, 3) is "an " or "An " && (at == 3 || text[at - 4] == ' ') ? text.Remove(at - 2, 1) : text;
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
