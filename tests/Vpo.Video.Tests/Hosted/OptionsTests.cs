using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

public sealed class OptionsTests
{
    private static IReadOnlyList<string> Problems(Action<IVpoBuilder> use)
    {
        var services = new ServiceCollection();
        use(services.AddVpo());
        using var provider = services.BuildServiceProvider();
        return [.. Assert.ThrowsAny<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate()).Failures];
    }

    [Fact]
    public void Start_NothingSet_NamesAllThatIsMissing()
    {
        var problems = Problems(vpo => vpo.UseFal(options => options.ApiKeyVariable = "VPO_NO_SUCH_KEY"));
        foreach (var part in new[] { "Folder", "VPO_NO_SUCH_KEY", "Defaults.Model" })
            Assert.Contains(problems, problem => problem.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Start_BadValues_AreNamed()
    {
        var problems = Problems(vpo => vpo.UseVideosApi(options =>
        {
            (options.Folder, options.BaseAddress, options.MaxConcurrentJobs, options.Retries) = ("x", new("ftp://host/"), 0, -1);
            options.MaxPollInterval = TimeSpan.Zero;
        }));
        foreach (var part in new[] { "BaseAddress", "MaxConcurrentJobs", "Retries", "MaxPollInterval" })
            Assert.Contains(problems, problem => problem.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public void Start_UnknownFieldOrAbsentWorkflow_IsNamed()
    {
        Assert.Contains(Problems(vpo => vpo.UseReplicate(options => options.Fields["sise"] = "x")), problem => problem.Contains("'sise'", StringComparison.Ordinal));
        Assert.Contains(Problems(vpo => vpo.UseComfyUi(options => options.Workflow = "absent.json")), problem => problem.Contains("absent.json", StringComparison.Ordinal));
        Assert.Contains(Problems(vpo => vpo.UseCommand(_ => { })), problem => problem.Contains("{{out}}", StringComparison.Ordinal));
    }

    [Fact]
    public void Use_TwoNames_LiveSideBySide()
    {
        var services = new ServiceCollection();
        services.AddVpo("a").UseVideosApi(options => (options.Folder, options.BaseAddress) = ("a", new("http://127.0.0.1:1/")));
        services.AddVpo("b").UseZhipu(options => (options.Folder, options.ApiKey) = ("b", "k"));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IStartupValidator>().Validate();
        Assert.NotSame(provider.GetRequiredKeyedService<IVideoGenerator>("a"), provider.GetRequiredKeyedService<IVideoGenerator>("b"));
    }
}
