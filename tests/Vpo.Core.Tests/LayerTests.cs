using System.Reflection;
using System.Xml.Linq;

namespace Vpo.Core.Tests;

/// <summary>Holds the arrows of the design: who may see whom.</summary>
public sealed class LayerTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Vpo.Core"] = [],
        ["Vpo.Data"] = ["Vpo.Core"],
        ["Vpo.Models"] = ["Vpo.Core"],
        ["Vpo.Training"] = ["Vpo.Core", "Vpo.Models"],
        ["Vpo.Video"] = ["Vpo.Core", "Vpo.Models"],
        ["Vpo.Rewards"] = ["Vpo.Core", "Vpo.Models"],
        ["Vpo.Compare"] = ["Vpo.Core"],
        ["Vpo.MiniWorld"] = ["Vpo.Core", "Vpo.Models", "Vpo.Training", "Vpo.Video", "Vpo.Rewards"],
        ["Vpo.Cli"] = ["Vpo.Core", "Vpo.Data", "Vpo.Models", "Vpo.Training", "Vpo.Video", "Vpo.Rewards", "Vpo.MiniWorld", "Vpo.Compare"],
    };

    [Fact]
    public void Core_ReferencedAssemblies_HasNeitherTorchSharpNorALayerAbove()
    {
        var names = typeof(VpoLoop).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        Assert.DoesNotContain(names, n => n.Contains("Torch", StringComparison.OrdinalIgnoreCase) || n.StartsWith("Vpo", StringComparison.Ordinal));
    }

    [Fact]
    public void Models_ReferencedAssemblies_SeesCoreAlone() => Assert.All(
        Assembly.Load("Vpo.Models").GetReferencedAssemblies().Where(a => a.Name!.StartsWith("Vpo", StringComparison.Ordinal)),
        a => Assert.Equal("Vpo.Core", a.Name));

    public static TheoryData<string> Projects() => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Projects))]
    public void Project_References_AreThoseOfTheDesign(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project}: say in this test what it may see");
        var file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
        var references = file.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        Assert.All(references, r => Assert.Contains(r, allowed!));
    }
}
