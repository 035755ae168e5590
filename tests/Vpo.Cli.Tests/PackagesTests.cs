namespace Vpo.Cli.Tests;

/// <summary>What a user gets from the packages: restored from a folder into a fresh console application that runs AddVpo.</summary>
public sealed class PackagesTests : IDisposable
{
    private static readonly string[] Libraries = ["Vpo.Core", "Vpo.Data", "Vpo.Models", "Vpo.Training", "Vpo.Video", "Vpo.Rewards", "Vpo.MiniWorld", "Vpo.Compare"];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Pack_RestoredIntoAFreshApplication_RunsAddVpo()
    {
        var feed = Path.Combine(_folder, "feed");
        foreach (var library in Libraries)
            (await Dotnet("pack", Path.Combine(Repository.Root, "src", library), "--no-build", "-c", BuildKind.Configuration, "-o", feed, "-v", "q")).MustSucceed();
        foreach (var library in Libraries)
            await AssertComplete(Path.Combine(feed, library + ".0.1.0.nupkg"), library);

        var app = Directory.CreateDirectory(Path.Combine(_folder, "app")).FullName;
        await File.WriteAllTextAsync(Path.Combine(app, "nuget.config"), NugetConfig(feed));
        await File.WriteAllTextAsync(Path.Combine(app, "app.csproj"), Project);
        await File.WriteAllTextAsync(Path.Combine(app, "Program.cs"), Program);
        var run = (await Dotnet("run", "--project", app, "-c", "Release")).MustSucceed();
        Assert.Contains("A brown dog runs over a sunny meadow.", run.Output, StringComparison.Ordinal);
    }

    private static Task<ProgramRun> Dotnet(params string[] arguments) => ProgramRun.StartAsync("dotnet", arguments);

    private static async Task AssertComplete(string package, string library)
    {
        await using var zip = await System.IO.Compression.ZipFile.OpenReadAsync(package);
        var names = zip.Entries.Select(e => e.FullName).ToList();
        string[] expected = ["README.md", "LICENSE", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml"];
        Assert.All(expected, name => Assert.Contains(name, names));
        Assert.True(File.Exists(Path.ChangeExtension(package, ".snupkg")), "symbols package");
    }

    private string NugetConfig(string feed) => $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "cache")}" /></config>
          <packageSources><add key="vpo" value="{feed}" /></packageSources>
          <fallbackPackageFolders><add key="user" value="{UserPackages}" /></fallbackPackageFolders>
        </configuration>
        """;

    private static string UserPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Vpo.Core" Version="0.1.0" />
            <PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.15" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = """
        using Microsoft.Extensions.AI;
        using Microsoft.Extensions.DependencyInjection;
        using Vpo;

        var services = new ServiceCollection();
        services.AddSingleton<IChatClient>(new Scripted());
        services.AddVpo();
        await using var provider = services.BuildServiceProvider();
        var result = await provider.GetRequiredService<IPromptOptimizer>().OptimizeAsync("a dog");
        Console.WriteLine(result.Text);

        sealed class Scripted : IChatClient
        {
            public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "A brown dog runs over a sunny meadow.")));
            public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
                throw new NotSupportedException();
            public object? GetService(Type serviceType, object? serviceKey = null) => null;
            public void Dispose() { }
        }
        """;
}
