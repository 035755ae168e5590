using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

public sealed class ConfiguredGeneratorTests
{
    private static ServiceProvider Build(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddVpo().UseVideoGenerator(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
        return services.BuildServiceProvider();
    }

    private static T Options<T>(ServiceProvider services) where T : class => services.GetRequiredService<IOptionsMonitor<T>>().Get("");

    [Fact]
    public void Use_VideosApi_BindsAllKeys()
    {
        using var services = Build(
            ("Kind", "videos-api"), ("Folder", "x"), ("BaseAddress", "http://localhost:8091"), ("Dialect", "VllmOmni"), ("Defaults:Model", "Wan-AI/Wan2.1"), ("Defaults:Seconds", "5"),
            ("Defaults:Extra:flow_shift", "5.0"), ("PollInterval", "00:00:05"), ("Capabilities:SizeMultiple", "8"), ("Capabilities:Frames:Step", "4"), ("Capabilities:Frames:Offset", "1"));
        var options = Options<VideosApiOptions>(services);
        Assert.Equal((VideosApiDialect.VllmOmni, "Wan-AI/Wan2.1", 5.0, "5.0", 5.0), (options.Dialect, options.Defaults.Model, options.Defaults.Seconds, options.Defaults.Extra["flow_shift"], options.PollInterval.TotalSeconds));
        Assert.Equal(8, options.Capabilities!.SizeMultiple);
        Assert.NotNull(services.GetRequiredService<IVideoGenerator>());
    }

    [Theory]
    [InlineData("zhipu")]
    [InlineData("fal")]
    [InlineData("replicate")]
    public void Use_Hosted_IsAGenerator(string kind)
    {
        using var services = Build(("Kind", kind), ("Folder", "x"), ("ApiKey", "k"), ("Defaults:Model", "a/b"));
        Assert.NotNull(services.GetRequiredService<IVideoGenerator>());
    }

    [Theory]
    [InlineData("open-sora-1.2", "open-sora-1.2", "sample_0000.mp4")]
    [InlineData("hunyuanvideo", "hunyuanvideo-community/HunyuanVideo", "clip.mp4")]
    [InlineData("stable-video-diffusion", "stabilityai/stable-video-diffusion-img2vid-xt", "clip.mp4")]
    public void Use_Recipe_IsSetAndCanBeChanged(string recipe, string model, string output)
    {
        using var services = Build(("Kind", "command"), ("Recipe", recipe), ("Folder", "x"), ("Program", "python3"), ("Defaults:Steps", "12"), ("WorkingFolder", "."));
        var options = Options<CommandOptions>(services);
        Assert.Equal((model, output, "python3", 12), (options.Defaults.Model, options.Output, options.Program, options.Defaults.Steps));
        Assert.NotNull(services.GetRequiredService<IVideoGenerator>());
    }

    [Theory]
    [InlineData("Kind", "sora", "videos-api")]
    [InlineData("Recipe", "sora", "open-sora-1.2")]
    public void Use_UnknownName_NamesTheKnownOnes(string key, string value, string says)
    {
        var e = Assert.Throws<ArgumentException>(() =>
        {
            using var services = key == "Kind" ? Build((key, value)) : Build(("Kind", "command"), (key, value));
            Options<CommandOptions>(services);
        });
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }
}
