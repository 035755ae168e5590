namespace Vpo.Rewards.VBench;

/// <summary>A clip to make for VBench.</summary>
/// <param name="Original">The list's prompt: it names the file and is what is judged.</param>
/// <param name="Prompt">What the video model gets: the optimized prompt, or the original.</param>
/// <param name="Seed">The video model's seed; the same for every method.</param>
/// <param name="File">Where the clip goes, relative to the folder of clips.</param>
public sealed record VBenchShot(string Original, string Prompt, long Seed, string File);

/// <summary>Which clips VBench and VBench-2.0 want. Files keep the ORIGINAL prompt's name whatever prompt made the clip, since labels are read from names.</summary>
public static class VBenchPlan
{
    private const string Flickering = "temporal_flickering", Diversity = "Diversity";
    private const int ClipsForFlickering = 25, ClipsPerPrompt2 = 3, ClipsForDiversity = 20, LongestName2 = 180;

    /// <summary>VBench: five clips a prompt with five seeds; 25 for temporal flickering, of which VBench's static filter keeps five.</summary>
    /// <param name="prompts">The list, <see cref="VBenchFiles.ReadPrompts"/>.</param>
    /// <param name="optimized">The optimized prompt by original; null makes the originals.</param>
    /// <param name="seed">Of the first clip; the others count on.</param>
    /// <param name="flickeringFilter">Make the 25 clips that the filter chooses from.</param>
    /// <exception cref="ArgumentException">An original has no optimized prompt.</exception>
    public static IReadOnlyList<VBenchShot> Standard(IEnumerable<VBenchPrompt> prompts, IReadOnlyDictionary<string, string>? optimized = null, long seed = 0, bool flickeringFilter = false) =>
    [
        .. prompts.GroupBy(p => p.Prompt, StringComparer.Ordinal).SelectMany(g =>
        {
            var count = flickeringFilter && g.Any(p => p.Dimensions.Contains(Flickering)) ? ClipsForFlickering : VBenchFiles.ClipsPerPrompt;
            return Enumerable.Range(0, count).Select(i => new VBenchShot(g.Key, Optimized(g.Key, optimized), seed + i, VBenchFiles.NameOf(g.Key, i)));
        }),
    ];

    /// <summary>VBench-2.0: three clips a prompt, 20 for Diversity, in a folder a dimension; names hold the first 180 characters.</summary>
    /// <param name="prompts">The list, <see cref="VBenchFiles.ReadPrompts"/>.</param>
    /// <param name="optimized">The optimized prompt by original; null makes the originals.</param>
    /// <param name="seed">Of the first clip; the others count on.</param>
    /// <exception cref="ArgumentException">An original has no optimized prompt.</exception>
    public static IReadOnlyList<VBenchShot> Second(IEnumerable<VBenchPrompt> prompts, IReadOnlyDictionary<string, string>? optimized = null, long seed = 0) =>
    [
        .. prompts.SelectMany(p => p.Dimensions.SelectMany(dimension => Enumerable.Range(0, dimension == Diversity ? ClipsForDiversity : ClipsPerPrompt2).Select(i =>
            new VBenchShot(p.Prompt, Optimized(p.Prompt, optimized), seed + i, $"{dimension}/{VBenchFiles.NameOf(p.Prompt.Length > LongestName2 ? p.Prompt[..LongestName2] : p.Prompt, i)}"))))
            .DistinctBy(s => s.File, StringComparer.Ordinal),
    ];

    /// <summary>Joins a list of prompts with rewrites, a file of each, by their non-empty lines (VBench's all_dimension.txt and all_dimension_gpt.txt).</summary>
    /// <param name="originals">One a line.</param>
    /// <param name="rewrites">In the same order.</param>
    /// <exception cref="ArgumentException">The numbers of lines differ, or one original has two rewrites.</exception>
    public static IReadOnlyDictionary<string, string> Rewrites(IEnumerable<string> originals, IEnumerable<string> rewrites)
    {
        string[] from = [.. NonEmpty(originals)], to = [.. NonEmpty(rewrites)];
        if (from.Length != to.Length)
            throw new ArgumentException($"expected one rewrite a prompt, found {from.Length} prompts and {to.Length} rewrites", nameof(rewrites));
        // A prompt that the list repeats for another dimension keeps its first rewrite: one file name can hold one clip.
        return from.Zip(to).DistinctBy(p => p.First, StringComparer.Ordinal).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
    }

    private static string Optimized(string original, IReadOnlyDictionary<string, string>? optimized) => optimized is null ? original
        : optimized.TryGetValue(original, out var prompt) ? prompt
        : throw new ArgumentException($"no optimized prompt for \"{original}\": optimize the whole list first", nameof(optimized));

    private static IEnumerable<string> NonEmpty(IEnumerable<string> lines) => lines.Select(l => l.Trim()).Where(l => l.Length > 0);
}
