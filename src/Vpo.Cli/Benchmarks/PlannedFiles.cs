namespace Vpo.Cli.Benchmarks;

/// <summary>A planned clip that is there.</summary>
internal sealed record PlannedFile(PlannedClip Clip, string Path)
{
    /// <summary>Changes when the clip is made again.</summary>
    public string Version => System.IO.File.Exists(Path) && new System.IO.FileInfo(Path) is var file
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}") : "";
}

/// <summary>The clips of a plan in a folder.</summary>
internal static class PlannedFiles
{
    /// <summary>Every video of a folder, each its own query.</summary>
    public static IReadOnlyList<PlannedFile> All(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"the folder of clips '{folder}' does not exist.");
        List<PlannedFile> all = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => PlanFile.Formats.Contains(System.IO.Path.GetExtension(file))).Order(StringComparer.Ordinal)
            .Select(file => System.IO.Path.GetRelativePath(folder, file)).Select(name => new PlannedFile(PlannedClip.Of(name, name, 0, name), System.IO.Path.Combine(folder, name)))];
        return all.Count > 0 ? all : throw new FileNotFoundException($"'{folder}' holds no video ({string.Join(", ", PlanFile.Formats)}).");
    }

    /// <summary>Those that are there; says on the error stream how many are not.</summary>
    /// <exception cref="IOException">The folder does not exist, or none of them is in it.</exception>
    public static IReadOnlyList<PlannedFile> Find(IReadOnlyList<PlannedClip> plan, string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"the folder of clips '{folder}' does not exist.");
        List<PlannedFile> there = [.. plan.Select(clip => (clip, Path: PlanFile.Find(folder, clip.File))).Where(f => f.Path is not null).Select(f => new PlannedFile(f.clip, f.Path!))];
        if (there.Count == 0)
            throw new FileNotFoundException($"'{folder}' holds none of the plan's {plan.Count} clips, such as '{plan[0].File}': make them with 'vpo generate --plan', or give the folder that has them.");
        if (there.Count < plan.Count)
            Console.Error.WriteLine($"vpo: {there.Count} of {plan.Count} clips are there; the first that is missing: {plan.First(clip => PlanFile.Find(folder, clip.File) is null).File}");
        return there;
    }
}
