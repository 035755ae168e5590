using System.Text.RegularExpressions;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>What SFT learns: published rewrites that keep all that their wish says, most of them in their first sentence.</summary>
/// <remarks>
/// A part are short prompts of VBench with those of GPT-4o's rewrites that say the whole wish before they add to it. Such wishes have 7 words, real ones 16, so the other part has longer ones: the wish is the first sentence of a rewrite,
/// cut short or with another of its sentences, and the rewrite is what a writer makes of it. A small model that learns to paraphrase loses half of a real wish; one that learns to say it first keeps it. No rewrite is learnt twice.
/// </remarks>
internal sealed partial class TrackRewrites(TrackOptions options) : IDisposable
{
    private const int MostWishWords = 40;

    private static readonly string[] Sets = ["all_category", "all_dimension", "vbench2"];

    private readonly AtomJudge _judge = new(new() { MinimumCoverage = options.LeastKept, MinimumWords = PromptQuality.LeastWords, MaximumWords = options.MostWords, MustEnd = true });

    /// <summary>As many as the options ask for, in the order of training's seed.</summary>
    /// <exception cref="ArgumentException">There are not as many.</exception>
    public async Task<IReadOnlyList<Demonstration>> ChooseAsync(CancellationToken cancellationToken)
    {
        string In(string name) => Path.Combine(options.Data, "vbench", name + ".txt");
        var all = InOrder(Sets.SelectMany(name => ShotPool.LoadLines(In(name), In(name + "_gpt")).All).DistinctBy(d => d.Query)).ToList();
        var ofSentences = (int)Math.Round(options.Demonstrations * options.SentenceShare);
        var brief = await Take(all.Where(SaysItFirst), options.Demonstrations - ofSentences, cancellationToken).ConfigureAwait(false);
        var rest = all.Except(brief).DistinctBy(d => d.Prompt).Select(d => d with { Query = WishOf(d.Prompt, ContentId.Seed(options.Seed, "wish", d.Id)) });
        var longer = await Take(rest.DistinctBy(d => d.Query), ofSentences, cancellationToken).ConfigureAwait(false);
        return [.. InOrder(brief.Concat(longer))];
    }

    /// <summary>One of three, by the seed: the first sentence as far as it goes before it adorns; the first sentence; the first and one of the others where both have at most 40 words. Written as people write wishes: small, without the last full stop.</summary>
    internal static string WishOf(string rewrite, long seed)
    {
        var random = new Random((int)(seed & int.MaxValue));
        var sentences = SentenceEnd().Split(rewrite.Trim());
        var (first, form) = (sentences[0], random.Next(3));
        List<string> others = [.. sentences.Skip(1).Where(s => LanguageTrack.Words(s) <= MostWishWords - LanguageTrack.Words(first))];
        var wish = form switch
        {
            0 when Core().Match(first) is { Success: true } core => core.Value,
            2 when others.Count > 0 => $"{first} {others[random.Next(others.Count)]}",
            _ => first,
        };
        return (char.ToLowerInvariant(wish[0]) + wish[1..]).TrimEnd('.', ' ');
    }

    public void Dispose() => _judge.Dispose();

    private bool SaysItFirst(Demonstration d) => _judge.Examine(d.Query, SentenceEnd().Split(d.Prompt.Trim())[0]).Coverage >= options.LeastKept;

    private IEnumerable<Demonstration> InOrder(IEnumerable<Demonstration> all) =>
        all.OrderBy(d => ContentId.Seed(options.Seed, "demonstration", d.Id)).ThenBy(d => d.Id, StringComparer.Ordinal);

    private async Task<IReadOnlyList<Demonstration>> Take(IEnumerable<Demonstration> from, int count, CancellationToken cancellationToken)
    {
        var taken = new List<Demonstration>();
        var seen = 0;
        foreach (var rewrite in from)
        {
            if (taken.Count == count)
                break;
            seen++;
            if ((await _judge.JudgeAsync(rewrite.Query, rewrite.Prompt, cancellationToken).ConfigureAwait(false)).Judgement == Judgement.Aligned)
                taken.Add(rewrite);
        }
        return taken.Count == count ? taken
            : throw new ArgumentException($"{options.Demonstrations} demonstrations were asked for, {count} of this kind; of '{options.Data}/vbench' {seen} were looked at and {taken.Count} are aligned.");
    }

    [GeneratedRegex(@"(?<=[.!?])\s+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\A(?:\S+ ){1,}?\S+?(?=,? (?:with|as|while|where|its|their|his|her|each|adorned|surrounded|bathed|creating|capturing|wearing|clad) )", RegexOptions.CultureInvariant)]
    private static partial Regex Core();
}
