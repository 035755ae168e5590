using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>The providers by name, each with its fake service and quick waits.</summary>
internal static class Generators
{
    public const string Key = "sk-test-0123456789";

    private const string Workflow = """
        {"3":{"class_type":"KSampler","inputs":{"seed":"{{seed}}","steps":20,"cfg":6.0}},"6":{"class_type":"CLIPTextEncode","inputs":{"text":"{{prompt}}"}},"9":{"class_type":"SaveVideo","inputs":{"video":["8",0]}}}
        """;

    public static FakeService Fake(string provider, int polls = 2) => provider switch
    {
        "videos" => new FakeVideosApi { PollsNeeded = polls },
        "zhipu" => new FakeZhipu { PollsNeeded = polls },
        "fal" => new FakeFal { PollsNeeded = polls },
        "replicate" => new FakeReplicate { PollsNeeded = polls },
        _ => new FakeComfyUi { PollsNeeded = polls },
    };

    /// <summary>Whether a lost answer to a submit can be looked into.</summary>
    public static bool Recovers(string provider) => provider is "videos" or "replicate" or "comfyui";

    public static ServiceProvider Build(string provider, FakeService fake, string folder, Action<HostedVideoOptions>? more = null, ILoggerProvider? log = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(new QuickTime());
        if (log is not null)
            services.AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace));
        void Set(HostedVideoOptions options, string path, string? model)
        {
            (options.Folder, options.BaseAddress, options.ApiKey) = (folder, new(fake.Address, path), Key);
            (options.RequestTimeout, options.JobTimeout, options.Retries, options.JobRetries) = (TimeSpan.FromHours(2), TimeSpan.FromDays(10), 15, 10);
            options.CancelPatience = TimeSpan.FromHours(2);
            options.Defaults.Model = model;
            more?.Invoke(options);
        }
        var vpo = services.AddVpo();
        _ = provider switch
        {
            "videos" => vpo.UseVideosApi(options => Set(options, "", "m")),
            "zhipu" => vpo.UseZhipu(options => Set(options, "api/", "cogvideox-3")),
            "fal" => vpo.UseFal(options => { options.HistoryAddress = new(fake.Address, "history"); Set(options, "", "fal-ai/cogvideox-5b"); }),
            "replicate" => vpo.UseReplicate(options => Set(options, "v1/", "lucataco/video")),
            _ => vpo.UseComfyUi(options => { options.Workflow = WriteWorkflow(folder); Set(options, "", null); }),
        };
        return services.BuildServiceProvider();
    }

    private static string WriteWorkflow(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "workflow.json");
        File.WriteAllText(path, Workflow);
        return path;
    }

    public static IVideoGenerator Get(ServiceProvider services) => services.GetRequiredService<IVideoGenerator>();
}

/// <summary>A clock whose waits are a thousand times shorter than they say.</summary>
internal sealed class QuickTime : TimeProvider
{
    private const double Speed = 1000;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(base.CreateTimer(callback, state, Shorter(dueTime), Shorter(period)));

    private static TimeSpan Shorter(TimeSpan time) => time <= TimeSpan.Zero ? time : time / Speed;

    private sealed class Timer(ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(Shorter(dueTime), Shorter(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
