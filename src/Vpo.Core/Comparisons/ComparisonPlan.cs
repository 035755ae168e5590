using System.Text.RegularExpressions;
using Vpo.Storage;

namespace Vpo.Comparisons;

/// <summary>What people are asked to compare.</summary>
public sealed partial class ComparisonPlan
{
    private const string ResultFile = "results.json", Original = "original";

    private static readonly string[] ClipTypes = [".png", ".apng", ".gif", ".webp", ".mp4", ".webm", ".mov"];

    /// <param name="pairs">At least one; no two the same; every file present and of a type that browsers play.</param>
    /// <exception cref="ArgumentException">No pair, or one pair twice.</exception>
    /// <exception cref="FileNotFoundException">A clip is missing.</exception>
    /// <exception cref="NotSupportedException">A clip is of another type.</exception>
    public ComparisonPlan(IReadOnlyList<ComparisonPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count == 0)
            throw new ArgumentException("expected at least one pair of clips of one query, found none", nameof(pairs));
        if (pairs.GroupBy(p => p.Id).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"the pair of \"{twice.First().Query}\" ({twice.First().First.Name}) is there {twice.Count()} times", nameof(pairs));
        foreach (var clip in pairs.SelectMany(p => new[] { p.First, p.Second }))
        {
            if (!File.Exists(clip.Path))
                throw new FileNotFoundException($"the clip '{clip.Path}' does not exist", clip.Path);
            if (!ClipTypes.Contains(Path.GetExtension(clip.Path), StringComparer.OrdinalIgnoreCase))
                throw new NotSupportedException($"'{clip.Path}': expected {string.Join(' ', ClipTypes)}");
        }
        Pairs = pairs;
    }

    /// <summary>The pairs, in the order of their source; each person gets them in an order of their own.</summary>
    public IReadOnlyList<ComparisonPair> Pairs { get; }

    /// <summary>Opens what a user named: a run folder, two run folders, two folders with clips named alike, or a file of pairs.</summary>
    /// <param name="sources">One or two paths.</param>
    /// <param name="first">Of runs: the method whose wins are counted; null takes the best.</param>
    /// <param name="seconds">Of runs: the methods it is compared with; null or empty takes "original" within a run, the best of the other between two.</param>
    public static ComparisonPlan Open(IReadOnlyList<string> sources, string? first = null, IReadOnlyList<string>? seconds = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count is < 1 or > 2 || sources.FirstOrDefault(s => !File.Exists(s) && !Directory.Exists(s)) is { })
            throw new ArgumentException($"expected a run folder, two folders or a file of pairs that exist, found: {string.Join(", ", sources)}", nameof(sources));
        if (sources.Count == 1)
            return File.Exists(sources[0]) ? FromFile(sources[0]) : FromRuns(sources[0], sources[0], first, seconds is { Count: > 0 } ? seconds : [Original]);
        return sources.All(s => File.Exists(Path.Combine(s, ResultFile))) ? FromRuns(sources[0], sources[1], first, seconds ?? []) : FromFolders(sources[0], sources[1]);
    }

    /// <summary>Clips that runs kept of the same query.</summary>
    /// <param name="folder">The run folder of the first side; holds results.json.</param>
    /// <param name="other">That of the second; may be the same.</param>
    /// <param name="first">Method of the first side; null takes the run's best.</param>
    /// <param name="seconds">Methods of the second side; empty takes that run's best.</param>
    public static ComparisonPlan FromRuns(string folder, string other, string? first, IReadOnlyList<string> seconds)
    {
        ArgumentNullException.ThrowIfNull(seconds);
        var same = Path.GetFullPath(folder) == Path.GetFullPath(other);
        var (one, two) = (Open(folder), Open(other));
        var mine = Of(one, first ?? one.BestMethod, folder);
        return new([.. (seconds.Count > 0 ? seconds : [two.BestMethod]).SelectMany(method => Join(mine, Of(two, method, other), c => Side(folder, c), c => Side(other, c)))]);

        ComparedClip Side(string run, KeptClip clip) => new(same ? clip.Method : $"{Path.GetFileName(Path.GetFullPath(run))}/{clip.Method}", clip.File, Path.Combine(run, clip.File));
    }

    /// <summary>Files of two folders that have the same name without its extension; the query is that name without a last "-number".</summary>
    /// <param name="first">Folder of the side whose wins are counted; its name is the method's.</param>
    /// <param name="second">The other.</param>
    public static ComparisonPlan FromFolders(string first, string second)
    {
        var (a, b) = (Clips(first), Clips(second));
        if (a.Keys.Except(b.Keys).Concat(b.Keys.Except(a.Keys)).FirstOrDefault() is { } alone)
            throw new FileNotFoundException($"expected the same names in '{first}' and '{second}', found {a.Count} and {b.Count} clips; '{alone}' is in one alone");
        var (nameA, nameB) = (Path.GetFileName(Path.GetFullPath(first).TrimEnd('/')), Path.GetFileName(Path.GetFullPath(second).TrimEnd('/')));
        if (nameA == nameB)
            (nameA, nameB) = (first, second);
        return new([.. a.Keys.Order(StringComparer.Ordinal).Select(k => new ComparisonPair(LastNumber().Replace(k, ""), new(nameA, k, a[k]), new(nameB, k, b[k])))]);
    }

    /// <summary>JSON Lines of { query, first, second, first_method, second_method }; paths are relative to the file.</summary>
    public static ComparisonPlan FromFile(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        ComparedClip Clip(string? method, string name, string fallback) => new(method ?? fallback, name, Path.GetFullPath(name, folder));
        return new([.. JsonlFile.Read(path, VpoJson.Lines.PairLine)
            .Select(l => new ComparisonPair(l.Query, Clip(l.FirstMethod, l.First, "first"), Clip(l.SecondMethod, l.Second, "second")))]);
    }

    private static LoopResult Open(string run) => File.Exists(Path.Combine(run, ResultFile)) ? LoopResult.Read(Path.Combine(run, ResultFile))
        : throw new FileNotFoundException($"'{run}' has no {ResultFile}: it is no run, or one that has not ended");

    private static List<KeptClip> Of(LoopResult run, string method, string folder)
    {
        List<KeptClip> clips = [.. run.Clips.Where(c => c.Method == method)];
        return clips.Count > 0 ? clips : throw new ArgumentException(
            $"'{folder}' kept no clip of '{method}': it has {string.Join(", ", run.Clips.Select(c => c.Method).Distinct())}");
    }

    private static IEnumerable<ComparisonPair> Join(IReadOnlyList<KeptClip> first, IReadOnlyList<KeptClip> second, Func<KeptClip, ComparedClip> a, Func<KeptClip, ComparedClip> b) =>
        first.Join(second, c => c.Query, c => c.Query, (x, y) => new ComparisonPair(x.Query, a(x), b(y)));

    private static Dictionary<string, string> Clips(string folder) => Directory.EnumerateFiles(folder)
        .Where(f => ClipTypes.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
        .ToDictionary(f => Path.GetFileNameWithoutExtension(f), Path.GetFullPath, StringComparer.Ordinal);

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex LastNumber();
}

/// <summary>A line of a file of pairs.</summary>
internal sealed record PairLine(string Query, string First, string Second, string? FirstMethod, string? SecondMethod);
