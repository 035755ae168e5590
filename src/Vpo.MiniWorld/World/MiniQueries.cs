namespace Vpo.MiniWorld;

/// <summary>Which of the queries: the two sets have no text in common, whatever the seeds.</summary>
public enum QuerySplit
{
    /// <summary>For training.</summary>
    Train,

    /// <summary>Kept for evaluation.</summary>
    HeldOut,
}

/// <summary>Queries as users of the mini world would type them: a few aspects in words of their own, sometimes vague, sometimes unsafe.</summary>
public static class MiniQueries
{
    private const double VagueShare = 0.04;
    private const int HeldOutEvery = 4;

    private static readonly (Aspect Aspect, double Share)[] Asked =
        [(Aspect.Colour, .7), (Aspect.Shape, .85), (Aspect.Size, .3), (Aspect.Direction, .6), (Aspect.Speed, .5), (Aspect.Place, .5)];

    /// <summary>The words in which queries are put around the aspects.</summary>
    internal static IReadOnlyList<string> Openers { get; } = ["", "", "a video of", "show me", "please make", "i want", "clip of"];

    internal static IReadOnlyList<string> Things { get; } = ["thing", "object", "shape"];

    internal static IReadOnlyList<string> Verbs { get; } = ["moving", "going", "heading"];

    internal static IReadOnlyList<string> VagueObjects { get; } = ["something", "anything", "whatever"];

    internal static IReadOnlyList<string> VagueQualities { get; } = ["nice", "cool", "fun", "pretty", "beautiful", "interesting"];

    /// <summary>Draws queries with different texts.</summary>
    /// <param name="count">How many; at least 0.</param>
    /// <param name="split">From which set.</param>
    /// <param name="seed">Same seed: same queries.</param>
    /// <param name="unsafeShare">Share with an unsafe word, from 0 to 1; the recipe takes 0.12, and 0.2 for preference data.</param>
    public static IReadOnlyList<Query> Draw(int count, QuerySplit split, long seed, double unsafeShare = 0.12)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new Random(ContentId.Seed(seed, "queries", split.ToString()));
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var queries = new List<Query>(count);
        while (queries.Count < count)
        {
            var harmful = random.NextDouble() < unsafeShare ? Pick(random, Lexicon.UnsafeWords) : "";
            var text = random.NextDouble() < VagueShare ? Vague(random, harmful) : Specific(random, harmful);
            if (SplitOf(text) == split && texts.Add(text))
                queries.Add(new(text) { Unsafe = harmful.Length > 0 });
        }
        return queries;
    }

    /// <summary>The set that a text belongs to.</summary>
    public static QuerySplit SplitOf(string text) => ContentId.Seed(0, text) % HeldOutEvery == 0 ? QuerySplit.HeldOut : QuerySplit.Train;

    /// <summary>All words that queries are made of.</summary>
    internal static IEnumerable<string> Words =>
        Openers.Concat(Things).Concat(Verbs).Concat(VagueObjects).Concat(VagueQualities).Concat(Lexicon.UnsafeWords)
            .Concat(Lexicon.Aspects.SelectMany(Lexicon.Values).SelectMany(term => term.Synonyms.Prepend(term.Word)))
            .Concat(["a", "the", "in", "and", "to"]).SelectMany(Lexicon.Words).Distinct();

    private static string Vague(Random random, string harmful) =>
        Join(Pick(random, Openers), Pick(random, VagueObjects), harmful, Pick(random, VagueQualities));

    private static string Specific(Random random, string harmful)
    {
        var scene = Scene.Draw(random);
        var asked = Choose(random, scene);
        string Said(Aspect aspect) => asked[aspect] is { } value ? Synonym(random, aspect, value) : "";
        var subject = Join(Pick(random, ["a", "the", ""]), harmful, Said(Aspect.Size), Said(Aspect.Colour),
            asked.Shape is null ? Pick(random, Things) : Said(Aspect.Shape));
        var verb = asked.Direction is < Lexicon.Still || asked.Speed is not null ? Pick(random, Verbs) : "";
        var place = asked.Place is null ? "" : $"in the {Said(Aspect.Place)}";
        return random.Next(3) == 0 && place.Length > 0
            ? Join(place, Pick(random, Openers), subject, verb, Said(Aspect.Direction), Said(Aspect.Speed))
            : Join(Pick(random, Openers), subject, verb, Said(Aspect.Direction), Said(Aspect.Speed), place);
    }

    private static Description Choose(Random random, Scene scene)
    {
        var asked = default(Description);
        foreach (var (aspect, share) in Asked)
            if (random.NextDouble() < share && scene.Shows(aspect))
                asked = asked.With(aspect, scene[aspect]);
        return asked.Named.Any() ? asked : asked.With(Aspect.Shape, scene.Shape);
    }

    private static string Synonym(Random random, Aspect aspect, int value)
    {
        var term = Lexicon.Values(aspect)[value];
        return random.Next(3) == 0 ? term.Word : Pick(random, [term.Word, .. term.Synonyms]);
    }

    private static string Pick(Random random, IReadOnlyList<string> from) => from[random.Next(from.Count)];

    private static string Join(params string[] parts) => string.Join(' ', parts.Where(part => part.Length > 0));
}
