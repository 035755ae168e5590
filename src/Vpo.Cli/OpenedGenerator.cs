using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vpo.MiniWorld;

namespace Vpo.Cli;

/// <summary>The video model that the user named.</summary>
/// <param name="Generator">The model.</param>
/// <param name="IsLocal">Whether it runs in this process, one clip at a time.</param>
internal sealed record OpenedGenerator(IVideoGenerator Generator, bool IsLocal) : IDisposable
{
    private const string Mini = "mini", MiniSecond = "mini-second";

    /// <summary>What --generator takes.</summary>
    public const string Says = $"The name of a generator in the configuration file, or '{Mini}' or '{MiniSecond}', the two of the mini world.";

    private ServiceProvider? _services;

    /// <param name="name">Of a section in the configuration file, or of one of the mini world's; the file comes first.</param>
    /// <param name="config">The file; it may be absent where the name is one of the mini world's.</param>
    /// <param name="folder">Gets what a service makes.</param>
    public static OpenedGenerator Open(string name, string config, string folder)
    {
        var known = File.Exists(config) ? new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(config)).Build() : null;
        if (known?.GetSection(name).Exists() != true && name is Mini or MiniSecond)
            return new(name == Mini ? MiniGenerator.OpenShipped() : MiniGenerator.OpenSecond(), IsLocal: true);
        var section = SectionOf(known, config, name, folder);
        var services = Build(section);
        return new(services.GetRequiredService<IVideoGenerator>(), section["Kind"] == "cogvideox") { _services = services };
    }

    public void Dispose()
    {
        Generator.Dispose();
        _services?.Dispose();
    }

    /// <summary>The section, with the output folder as its folder; jobs at a service are left running when the program is stopped, and taken up by the next run.</summary>
    private static IConfigurationSection SectionOf(IConfigurationRoot? known, string config, string name, string folder)
    {
        if (known is null)
            throw new FileNotFoundException($"--config '{config}' does not exist. Write one: {{ \"mine\": {{ \"Kind\": \"videos-api\", \"BaseAddress\": \"http://localhost:30000\" }} }}; see docs/generators.md.");
        if (!known.GetSection(name).Exists())
            throw new ArgumentException($"--generator '{name}' is not in '{config}', which has {string.Join(", ", known.GetChildren().Select(section => section.Key))}.");
        var ours = new Dictionary<string, string?> { [$"{name}:Folder"] = folder, [$"{name}:CancelsJobs"] = known[$"{name}:CancelsJobs"] ?? "false" };
        return new ConfigurationBuilder().AddConfiguration(known).AddInMemoryCollection(ours).Build().GetSection(name);
    }

    private static ServiceProvider Build(IConfiguration section)
    {
        var services = new ServiceCollection();
        services.AddVpo().UseVideoGenerator(section);
        var provider = services.BuildServiceProvider();
        try
        {
            provider.GetService<IStartupValidator>()?.Validate();
        }
        catch (OptionsValidationException e)
        {
            throw new ArgumentException(string.Join(" ", e.Failures), e);
        }
        return provider;
    }
}
