namespace Vpo.Atoms.Language;

/// <summary>Says an atom in a clause that can be added to a sentence.</summary>
internal static class AtomClauses
{
    private static readonly string[] Small = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    private static readonly HashSet<string> Times = ["sunset", "sunrise", "dusk", "night", "noon", "blue hour", "golden hour"];
    private static readonly HashSet<string> DayParts = ["morning", "afternoon", "evening", "dark"];
    private static readonly HashSet<string> Uncounted = ["rain", "snow", "fog", "space", "winter", "summer", "spring", "autumn", "nature", "outer space", "heaven", "hell", "downtown", "underwater", "sunny", "cloudy", "stormy", "windy", "rainy", "snowy", "foggy", "misty", "mist", "outdoors", "indoors", "outdoor", "indoor", "water"];

    internal static string InWords(int number) => number >= 0 && number < Small.Length ? Small[number] : number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <param name="atom">What is to be said.</param>
    /// <param name="sentence">The sentence that it will end.</param>
    internal static string For(Atom atom, PromptText sentence) => ", " + atom.Kind switch
    {
        AtomKind.Subject => "with " + WithArticle(Spoken(atom)),
        AtomKind.Count => $"with {InWords(int.Parse(atom.Name, System.Globalization.CultureInfo.InvariantCulture))} {(atom.Name == "1" ? atom.Of : Inflection.S(atom.Of!))}",
        AtomKind.Action => Doing(atom),
        AtomKind.Order => $"first {Ing(atom.Of!)} and then {Ing(atom.Other!)}",
        AtomKind.Camera => atom.Name.Split(' ')[0] is "zoom" or "pan" or "tilt" ? $"as the camera makes a slow {atom.Name}" : $"seen as {atom.Name}",
        AtomKind.Light => Times.Contains(atom.Name) ? $"at {atom.Name}" : DayParts.Contains(atom.Name) ? $"in the {atom.Name}" : $"in {atom.Name}",
        AtomKind.Color => atom.Of is null ? $"with {atom.Name} colours" : $"with {WithArticle($"{atom.Name} {atom.Of}")}",
        AtomKind.Style => Spoken(atom).EndsWith("style", StringComparison.OrdinalIgnoreCase) ? $"in {Spoken(atom)}" : $"in {Spoken(atom)} style",
        AtomKind.Spatial => $"the {atom.Of} {atom.Name} the {atom.Other}",
        AtomKind.Scene => Uncounted.Contains(atom.Name) || atom.Name.Any(char.IsUpper) ? $"in {Spoken(atom)}" : $"in {WithArticle(Spoken(atom))}",
        _ => $"with the words \"{atom.Name}\"",
    };

    /// <summary>The query's own words when they are short and end no sentence, else the base form.</summary>
    private static string Spoken(Atom atom) =>
        atom.Phrase.Length is > 0 and < 60 && atom.Phrase.AsSpan().IndexOfAny(".!?\n,\"") < 0 ? atom.Phrase : atom.Name;

    private static string Doing(Atom atom)
    {
        var words = Spoken(atom).Split(' ');
        return words[0].EndsWith("ing", StringComparison.Ordinal) || Lexicon.Find(words[0].ToLowerInvariant()).Verb != atom.Name ? (PhraseSays(atom) ? Spoken(atom) : Ing(atom.Name)) : string.Join(' ', [Ing(atom.Name), .. words[1..]]);
    }

    private static bool PhraseSays(Atom atom) => AtomSearch.Find(atom, new PromptText(Spoken(atom))).Status == AtomStatus.Kept;

    private static string Ing(string verb) => verb.Contains(' ', StringComparison.Ordinal) ? verb : Inflection.Regular(verb).Last(f => f.Class == WordClass.VerbIng).Form;

    private static string WithArticle(string name)
    {
        var last = Lexicon.Find(name.Split(' ')[^1].ToLowerInvariant());
        var isPlural = last.Noun != name.Split(' ')[^1].ToLowerInvariant();
        return isPlural || name.Any(char.IsUpper) || char.IsDigit(name[0]) || Uncounted.Contains(name) || name.Contains(" of ", StringComparison.Ordinal) ? name : ("aeiou".Contains(name[0], StringComparison.Ordinal) ? "an " : "a ") + name;
    }
}
