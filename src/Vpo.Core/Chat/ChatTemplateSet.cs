namespace Vpo;

/// <summary>The library's instructions, or a user's own from files.</summary>
public sealed record ChatTemplateSet
{
    /// <summary>See <see cref="ChatTemplates.Optimize"/>.</summary>
    public string Optimize { get; init; } = ChatTemplates.Optimize;

    /// <summary>See <see cref="ChatTemplates.Judge"/>.</summary>
    public string Judge { get; init; } = ChatTemplates.Judge;

    /// <summary>See <see cref="ChatTemplates.Refine"/>.</summary>
    public string Refine { get; init; } = ChatTemplates.Refine;

    /// <summary>See <see cref="ChatTemplates.Adversary"/>.</summary>
    public string Adversary { get; init; } = ChatTemplates.Adversary;

    /// <summary>See <see cref="ChatTemplates.Meta"/>.</summary>
    public string Meta { get; init; } = ChatTemplates.Meta;

    /// <summary>See <see cref="ChatTemplates.Insist"/>.</summary>
    public string Insist { get; init; } = ChatTemplates.Insist;

    /// <summary>See <see cref="ChatTemplates.Repair"/>.</summary>
    public string Repair { get; init; } = ChatTemplates.Repair;

    /// <summary>Takes optimize.txt, judge.txt, refine.txt, adversary.txt, meta.txt, insist.txt and repair.txt of a folder; what has no file stays as built in.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidDataException">The folder has a .txt file of another name, or an empty one.</exception>
    public static ChatTemplateSet Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var set = new ChatTemplateSet();
        foreach (var file in Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal))
        {
            var text = File.ReadAllText(file).Trim();
            if (text.Length == 0)
                throw new InvalidDataException($"'{file}': expected an instruction, found nothing. Write one or delete the file");
            set = Path.GetFileNameWithoutExtension(file) switch
            {
                "optimize" => set with { Optimize = text },
                "judge" => set with { Judge = text },
                "refine" => set with { Refine = text },
                "adversary" => set with { Adversary = text },
                "meta" => set with { Meta = text },
                "insist" => set with { Insist = text },
                "repair" => set with { Repair = text },
                _ => throw new InvalidDataException($"'{file}': expected optimize, judge, refine, adversary, meta, insist or repair .txt. Rename or delete the file"),
            };
        }
        return set;
    }
}
