namespace Vpo.Atoms.Language;

/// <summary>Relations as they are read from the other thing: left of is right of.</summary>
internal static class Relations
{
    private static readonly Dictionary<string, string> Inverses = WordFile.Entries("spatial").ToDictionary(e => e.Name.Split('=')[0], e => e.Name.Split('=')[1]);

    internal static string Inverse(string relation) => Inverses[relation];
}
