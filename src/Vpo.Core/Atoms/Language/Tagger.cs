namespace Vpo.Atoms.Language;

/// <summary>Finds out what each word does, from what it can be and from the words beside it.</summary>
internal static class Tagger
{
    private const WordClass Places = WordClass.Determiner | WordClass.Pronoun | WordClass.Adverb;

    private static readonly HashSet<string> Motion = ["to", "through", "across", "around", "along", "over", "into", "down", "up", "toward", "towards", "away", "off", "from", "onto", "past", "out", "with", "at", "in", "on"];
    private static readonly HashSet<string> ThingsAndColors = ["orange", "gold", "silver", "rose", "copper", "bronze", "ivory", "amber", "ruby", "emerald", "turquoise", "lavender", "ginger", "olive", "tan", "salmon", "white", "brunette", "blonde", "blond", "redhead"];

    /// <param name="tokens">The text.</param>
    /// <param name="roles">Places that have one keep it.</param>
    internal static void Tag(IReadOnlyList<Token> tokens, Role[] roles)
    {
        for (var i = 0; i < roles.Length; i++)
        {
            if (roles[i] == Role.None)
                roles[i] = Of(tokens, roles, i);
        }
    }

    private static Role Of(IReadOnlyList<Token> tokens, Role[] roles, int i)
    {
        var token = tokens[i];
        var next = i + 1 < tokens.Count && !tokens[i + 1].AfterBreak ? tokens[i + 1] : null;
        if (token.IsName && !IsShoutedVerb(tokens, roles, i) && !token.Is(WordClass.Small | WordClass.Filler | WordClass.Number | WordClass.Color | WordClass.VerbIng | WordClass.Adjective | WordClass.Meta))
            return Role.Noun;
        if (token.Is(WordClass.Number))
            return Role.Number;
        if (token.Is(WordClass.Color))
            return ThingsAndColors.Contains(token.Text) && !IsNounSoon(next) && After(tokens, i, WordClass.Determiner | WordClass.Number) ? Role.Noun : Role.Color;
        if (token.Is(WordClass.Small))
            return token.IsName && next is { IsName: true } && token.Text is "will" or "may" or "mark" ? Role.Noun : Role.None;
        if (token.Is(WordClass.Era))
            return Role.None;
        if (token.Is(WordClass.Filler) && i > 0 && !token.AfterBreak && roles[i - 1] == Role.Taken)
            return Role.None;   // "low angle shot"
        if (token.Is(WordClass.Filler))
            return token.Is(WordClass.Verb) && VerbOrNoun(tokens, roles, i, next) is Role.Verb or Role.Meta ? VerbOrNoun(tokens, roles, i, next) : Role.None;
        if (token.Is(WordClass.Adjective) && !IsParticipleOf(tokens, roles, i, next) && !IsProgressive(tokens, i, next))
            return !IsNounSoon(next) && next?.Is(WordClass.Color | WordClass.Adjective | WordClass.Conjunction) != true && After(tokens, i, WordClass.Determiner) && !token.Text.EndsWith("ed", StringComparison.Ordinal) ? Role.Noun : Role.Describing;
        return VerbOrNoun(tokens, roles, i, next);
    }

    private static Role VerbOrNoun(IReadOnlyList<Token> tokens, Role[] roles, int i, Token? next)
    {
        var token = tokens[i];
        var isVerb = token switch
        {
            _ when token.Is(WordClass.NounForm) => i > 0 && !token.AfterBreak && (tokens[i - 1].Is(WordClass.Auxiliary) || (next?.Is(WordClass.Determiner) == true && roles[i - 1] == Role.Noun)),
            _ when token.Is(WordClass.VerbIng) => true,
            _ when token.Is(WordClass.VerbPast) && !token.Is(WordClass.VerbBase) => IsParticiple(tokens, roles, i, next),
            _ when token.Is(WordClass.VerbS | WordClass.VerbBase | WordClass.VerbPast) => IsFinite(tokens, roles, i, next),
            _ => false,
        };
        if (isVerb && token.Word.Verb is not null)
            return token.Is(WordClass.Meta) ? Role.Meta : Role.Verb;
        if (token.Is(WordClass.Meta) && token.Is(WordClass.VerbBase | WordClass.VerbS) && (i == 0 || token.AfterBreak || tokens[i - 1].Is(WordClass.Auxiliary | WordClass.Conjunction | WordClass.Pronoun | WordClass.Filler)))
            return Role.Meta;
        return token.Is(WordClass.VerbPast) && !token.Is(WordClass.VerbBase | WordClass.Nounish) && (IsNounSoon(next) || token.Text.EndsWith("ed", StringComparison.Ordinal) || !After(tokens, i, WordClass.Determiner)) ? Role.Describing : Role.Noun;
    }

    /// <summary>"broken", "worn" and other words that describe, or tell what was done.</summary>
    private static bool IsParticipleOf(IReadOnlyList<Token> tokens, Role[] roles, int i, Token? next) =>
        tokens[i].Is(WordClass.VerbPast) && i > 0 && !tokens[i].AfterBreak && roles[i - 1] == Role.Noun && next?.Is(WordClass.Preposition) == true;

    /// <summary>"is using a computer": what is done, although the word mostly says how something is.</summary>
    private static bool IsProgressive(IReadOnlyList<Token> tokens, int i, Token? next) =>
        tokens[i].Is(WordClass.VerbIng) && i > 0 && !tokens[i].AfterBreak && tokens[i - 1].Text is "is" or "are" or "was" or "were" or "'s" or "'re" && next is not null && (next.Is(WordClass.Determiner) || IsNounSoon(next)) && !next.Is(WordClass.Adjective);

    private static bool IsParticiple(IReadOnlyList<Token> tokens, Role[] roles, int i, Token? next)
    {
        if (i == 0 || tokens[i].AfterBreak)
            return next?.Is(WordClass.Preposition) == true;
        var before = tokens[i - 1];
        return roles[i - 1] is Role.Noun or Role.Taken || before.Is(WordClass.Auxiliary | WordClass.Pronoun) || (before.Is(WordClass.Adverb) && !IsNounSoon(next))
            || (before.Is(WordClass.Conjunction) && !IsNounSoon(next)) || next?.Is(WordClass.Preposition) == true;
    }

    private static bool IsFinite(IReadOnlyList<Token> tokens, Role[] roles, int i, Token? next)
    {
        var token = tokens[i];
        var nounish = token.Is(WordClass.Nounish);
        if (i == 0 || token.AfterBreak)
            return token.Is(WordClass.VerbBase) && (next?.Is(WordClass.Determiner) == true || (!nounish && next?.Is(Places | WordClass.Preposition) == true));
        var before = tokens[i - 1];
        if (before.Text is "to" || (before.Is(WordClass.Auxiliary) && before.Text is not ("'s" or "is" or "are" or "am" or "was" or "were")))
            return token.Is(WordClass.VerbBase) && (!nounish || next?.Is(Places | WordClass.Preposition) != false);
        if (IsRelative(tokens, i - 1) || before.Text is "he" or "she" or "it" or "who")
            return token.Is(WordClass.VerbS) || !nounish;
        if (before.Text is "they" or "we" or "you" or "i" && token.Is(WordClass.VerbBase))
            return true;
        if (before.Text is "then" && !nounish)
            return true;   // "and then steal"
        if (before.Is(WordClass.Filler) && token.Is(WordClass.VerbS) && !nounish && !token.Joined)
            return true;   // "each part grows"
        if (before.Is(WordClass.Determiner | WordClass.Number | WordClass.Color) || roles[i - 1] is Role.Describing or Role.Number or Role.Verb || before.Text is "'s" || before.Is(WordClass.Filler) || token.Joined)
            return false;
        var goesOn = next is not null && (next.Is(Places) || Motion.Contains(next.Text) || tokens[i + 1].Is(WordClass.VerbIng) || (next.Is(WordClass.Conjunction) && i + 2 < tokens.Count && tokens[i + 2].Is(WordClass.VerbS)));
        if (before.Is(WordClass.Pronoun))
            return !nounish || goesOn;
        if (roles[i - 1] is Role.Noun or Role.Taken)
            return nounish ? goesOn && roles[i - 1] == Role.Noun && !(token.Is(WordClass.VerbS) && IsPlural(before)) && !before.Is(WordClass.Adjective) : next is not null || token.Is(WordClass.VerbS) || IsPlural(before);
        return (before.Is(WordClass.Adverb | WordClass.Conjunction) || before.Is(WordClass.Pronoun)) && (nounish ? goesOn : i > 1);
    }

    /// <summary>"that" or "which" behind a thing begins what the thing does.</summary>
    private static bool IsRelative(IReadOnlyList<Token> tokens, int i) =>
        tokens[i].Text is "that" or "which" && i > 0 && tokens[i - 1].Sentence == tokens[i].Sentence && !tokens[i - 1].Is(WordClass.Small | WordClass.Color | WordClass.Number | WordClass.VerbIng | WordClass.VerbS)
        && (tokens[i].Text is "which" || !tokens[i].AfterBreak);

    /// <summary>A verb with a capital behind a thing without one: "girl Dances".</summary>
    private static bool IsShoutedVerb(IReadOnlyList<Token> tokens, Role[] roles, int i) =>
        i > 0 && !tokens[i].AfterBreak && roles[i - 1] == Role.Noun && !tokens[i - 1].IsName && tokens[i].Is(WordClass.VerbS | WordClass.VerbBase) && !tokens[i].Is(WordClass.Nounish);

    private static bool IsPlural(Token token) => token.Word.Noun != token.Text;

    private static bool IsNounSoon(Token? next) => next is not null && !next.Is(WordClass.Small | WordClass.VerbIng) && (!next.Is(WordClass.VerbPast) || next.Is(WordClass.Adjective));

    private static bool After(IReadOnlyList<Token> tokens, int i, WordClass kind)
    {
        for (var at = i - 1; at >= 0; at--)
        {
            if (tokens[at + 1].AfterBreak)
                return false;
            if (tokens[at].Is(kind))
                return true;
            if (!tokens[at].Is(WordClass.Adjective | WordClass.Color))
                return false;
        }
        return false;
    }
}
