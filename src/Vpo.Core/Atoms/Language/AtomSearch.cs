namespace Vpo.Atoms.Language;

/// <summary>Looks for one atom in a prompt.</summary>
internal static class AtomSearch
{
    private const int NumberBefore = 5;
    private const int NumberAfter = 3;
    private const int ColorReach = 8;

    private static readonly Dictionary<string, string> Opposites = new()
    {
        ["zoom in"] = "zoom out",
        ["zoom out"] = "zoom in",
        ["pan left"] = "pan right",
        ["pan right"] = "pan left",
        ["tilt up"] = "tilt down",
        ["tilt down"] = "tilt up",
        ["slow motion"] = "time-lapse",
        ["time-lapse"] = "slow motion",
        ["left of"] = "right of",
        ["right of"] = "left of",
        ["above"] = "below",
        ["below"] = "above",
        ["behind"] = "in front of",
        ["in front of"] = "behind",
    };

    internal static AtomResult Find(Atom atom, PromptText text) => atom.Kind switch
    {
        AtomKind.Subject or AtomKind.Action => First(atom, text, text.Named(atom.Name)),
        AtomKind.Scene => First(atom, text, [.. text.Named(atom.Name), .. Said(atom.Kind, CanonicalOf(atom), text)]),
        AtomKind.Camera or AtomKind.Light or AtomKind.Style => Term(atom, text),
        AtomKind.Count => Count(atom, text),
        AtomKind.Color => ColorOf(atom, text),
        AtomKind.Spatial => Relation(atom, text),
        AtomKind.Order => Order(atom, text),
        AtomKind.Text => Verbatim(atom, text),
        _ => Unwanted(atom, text),
    };

    private static AtomResult First(Atom atom, PromptText text, IReadOnlyList<int> places) =>
        places.Count > 0 ? new(atom, AtomStatus.Kept, text.SentenceOf(places[0])) : new(atom, AtomStatus.Lost, -1);

    /// <summary>Where a phrase of a kind is said, in any way.</summary>
    private static IEnumerable<int> Said(AtomKind kind, string? name, PromptText text) => text.Phrases.Where(h => h.Phrase.Kind == kind && h.Phrase.Name == name).Select(h => h.Start);

    /// <summary>The list's name for a place that the query may name differently: "woods" is "forest".</summary>
    private static string? CanonicalOf(Atom atom)
    {
        var tokens = Tokenizer.Read(atom.Name);
        return Enumerable.Range(0, tokens.Count).Select(i => PhraseBook.Default.At(tokens, i)).LastOrDefault(h => h?.Phrase.Kind == atom.Kind && h.End == tokens.Count)?.Phrase.Name;
    }

    private static AtomResult Term(Atom atom, PromptText text)
    {
        if (Said(atom.Kind, atom.Name, text).Select(p => (int?)p).FirstOrDefault() is { } place)
            return new(atom, AtomStatus.Kept, text.SentenceOf(place));
        if (Opposites.TryGetValue(atom.Name, out var opposite) && Said(atom.Kind, opposite, text).Select(p => (int?)p).FirstOrDefault() is { } other)
            return new(atom, AtomStatus.Changed, text.SentenceOf(other)) { Instead = opposite };
        return First(atom, text, text.Named(atom.Name));
    }

    private static AtomResult Count(Atom atom, PromptText text)
    {
        var things = text.Named(atom.Of!);
        var wanted = int.Parse(atom.Name, System.Globalization.CultureInfo.InvariantCulture);
        (int Place, int Number)? other = null;
        foreach (var thing in things)
        {
            for (var at = Math.Max(0, thing - NumberBefore); at < Math.Min(text.Tokens.Count, thing + NumberAfter + 1); at++)
            {
                var token = text.Tokens[at];
                if (token.Sentence != text.Tokens[thing].Sentence)
                    continue;
                if (Lexicon.Number(token.Text) is not { } number)
                    number = wanted == 1 && token.Text is "a" or "an" && text.Tokens[thing].Word.Noun == text.Tokens[thing].Text ? 1 : wanted == 2 && token.Text is "pair" or "couple" ? 2 : -1;
                if (number == wanted)
                    return new(atom, AtomStatus.Kept, token.Sentence);
                if (number > 0 && at < thing)
                    other = (at, number);
            }
        }
        return other is { } found
            ? new(atom, AtomStatus.Changed, text.SentenceOf(found.Place)) { Instead = text.Tokens[found.Place].Text }
            : new(atom, AtomStatus.Lost, things.Count > 0 ? text.SentenceOf(things[0]) : -1);
    }

    private static AtomResult ColorOf(Atom atom, PromptText text)
    {
        var colors = text.Tokens.Index().Where(t => t.Item.Is(WordClass.Color) && IsColor(t.Item.Text, atom.Name)).Select(t => t.Index).ToList();
        if (atom.Of is null)
            return First(atom, text, colors);
        var things = text.Named(atom.Of);
        foreach (var thing in things)
        {
            if (colors.Any(c => text.Tokens[c].Sentence == text.Tokens[thing].Sentence && Math.Abs(c - thing) <= ColorReach))
                return new(atom, AtomStatus.Kept, text.SentenceOf(thing));
        }
        foreach (var thing in things.Where(t => t > 0))
        {
            if (text.Tokens[thing - 1] is { } before && before.Is(WordClass.Color) && before.Sentence == text.Tokens[thing].Sentence)
                return new(atom, AtomStatus.Changed, before.Sentence) { Instead = before.Text };
        }
        return new(atom, AtomStatus.Lost, things.Count > 0 ? text.SentenceOf(things[0]) : -1);
    }

    private static bool IsColor(string word, string color) => word == color || Lexicon.Color(word) == color;

    private static AtomResult Relation(Atom atom, PromptText text)
    {
        var (ofs, others) = (text.Named(atom.Of!), text.Named(atom.Other!));
        AtomResult? changed = null;
        foreach (var hit in text.Phrases.Where(h => h.Phrase.Kind == AtomKind.Spatial))
        {
            var sentence = text.SentenceOf(hit.Start);
            bool Before(IReadOnlyList<int> places) => places.Any(p => p < hit.Start && text.SentenceOf(p) == sentence);
            bool After(IReadOnlyList<int> places) => places.Any(p => p >= hit.End && text.SentenceOf(p) == sentence);
            var said = Before(ofs) && After(others) ? hit.Phrase.Name : Before(others) && After(ofs) ? Relations.Inverse(hit.Phrase.Name) : null;
            if (said == atom.Name)
                return new(atom, AtomStatus.Kept, sentence);
            if (said is not null && Opposites.GetValueOrDefault(atom.Name) == said)
                changed ??= new(atom, AtomStatus.Changed, sentence) { Instead = said };
        }
        return changed ?? new(atom, AtomStatus.Lost, text.SentenceOf(ofs.Concat(others).FirstOrDefault(-1)));
    }

    private static AtomResult Order(Atom atom, PromptText text)
    {
        var (first, second) = (text.Named(atom.Of!), text.Named(atom.Other!));
        if (first.Count > 0 && second.Any(s => s > first[0]))
            return new(atom, AtomStatus.Kept, text.SentenceOf(second[^1]));
        return first.Count > 0 && second.Count > 0 ? new(atom, AtomStatus.Changed, text.SentenceOf(first[0])) : new(atom, AtomStatus.Lost, text.SentenceOf(first.Concat(second).FirstOrDefault(-1)));
    }

    private static AtomResult Verbatim(Atom atom, PromptText text)
    {
        var words = Tokenizer.Read(atom.Name);
        var at = Enumerable.Range(0, Math.Max(0, text.Tokens.Count - words.Count + 1)).FirstOrDefault(i => words.Index().All(w => text.Tokens[i + w.Index].Text == w.Item.Text), -1);
        return new(atom, words.Count == 0 || at >= 0 ? AtomStatus.Kept : AtomStatus.Lost, text.SentenceOf(at));
    }

    private static AtomResult Unwanted(Atom atom, PromptText text)
    {
        foreach (var place in InOrder(atom.Name.Split(' '), text))
        {
            var start = Math.Max(0, place - 4);
            if (!text.Tokens.GetRange(start, place - start).Any(t => t.Sentence == text.SentenceOf(place) && t.Text is "no" or "without" or "not" or "free" or "never" or "nor") && text.Tokens.ElementAtOrDefault(place + 1)?.Text != "free")
                return new(atom, AtomStatus.Changed, text.SentenceOf(place)) { Instead = text.Tokens[place].Text };
        }
        return new(atom, AtomStatus.Kept, -1);
    }

    private static IEnumerable<int> InOrder(string[] words, PromptText text) =>
        text.Places(words[0]).Where(at => at + words.Length <= text.Tokens.Count && words.Index().All(w => text.Tokens[at + w.Index].Means(w.Item)));
}
