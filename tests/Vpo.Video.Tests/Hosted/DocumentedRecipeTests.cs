using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>Each section of docs/generators.md is a generator whose own defaults its model can do.</summary>
public sealed partial class DocumentedRecipeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-docs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Sections() =>
        [.. JsonBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "generators.md"))).Select(match => match.Groups[1].Value.Trim())];

    [Theory, MemberData(nameof(Sections))]
    public void Section_AsWritten_IsAGeneratorThatCanDoItsDefaults(string json)
    {
        var written = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes("{" + json + "}"))).Build();
        var name = Assert.Single(written.GetChildren()).Key;
        var workflow = Path.Combine(_folder, "workflow.json");
        File.WriteAllText(workflow, "{}");
        var ours = new Dictionary<string, string?> { [$"{name}:Folder"] = _folder, [$"{name}:ApiKey"] = "k" };
        if (written[$"{name}:Workflow"] is not null)
            ours[$"{name}:Workflow"] = workflow;
        if (written[$"{name}:WorkingFolder"] is not null)
            ours[$"{name}:WorkingFolder"] = _folder;
        var section = new ConfigurationBuilder().AddConfiguration(written).AddInMemoryCollection(ours).Build().GetSection(name);
        var services = new ServiceCollection();
        services.AddVpo().UseVideoGenerator(section);
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
        if (section["Kind"] == "cogvideox")
            return;   // opens its model
        Assert.NotNull(provider.GetRequiredService<IVideoGenerator>());
        CheckDefaults(provider, section["Kind"]!);
    }

    private static void CheckDefaults(ServiceProvider provider, string kind)
    {
        T Get<T>() where T : class => provider.GetRequiredService<IOptionsMonitor<T>>().Get("");
        HostedVideoOptions? hosted = kind switch
        {
            "videos-api" => Get<VideosApiOptions>(),
            "zhipu" => Get<ZhipuOptions>(),
            "fal" => Get<FalOptions>(),
            "replicate" => Get<ReplicateOptions>(),
            "comfyui" => Get<ComfyUiOptions>(),
            _ => null,
        };
        var (usual, can) = hosted is not null ? (hosted.Defaults, hosted.CapabilitiesOf(hosted.Defaults.Model)) : (Get<CommandOptions>().Defaults, Get<CommandOptions>().CapabilitiesOf(Get<CommandOptions>().Defaults.Model));
        var request = new VideoRequest("a cat") { StartFrame = can.StartFrame == StartFrameUse.Required ? new(new byte[12], 2, 2, 1) : null };
        var plan = VideoPlan.Of(request, null, usual, can);
        if (hosted is ModelFieldsOptions fields)
            Assert.NotEmpty(ModelFields.Write(plan, fields, new Dictionary<string, string>()));
    }

    [GeneratedRegex("```json\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
