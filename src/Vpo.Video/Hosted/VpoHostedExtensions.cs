using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Vpo;
using Vpo.Video.Hosted;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Hosted and external video generators on <see cref="IVpoBuilder"/>. Options are checked when the host starts.</summary>
public static class VpoHostedExtensions
{
    /// <summary>Takes a server with <c>POST /v1/videos</c> as the video generator: SGLang, vLLM-Omni, FastVideo and others of that shape.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder and BaseAddress.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseVideosApi(this IVpoBuilder builder, Action<VideosApiOptions> options, Action<VideoGeneratorBuilder>? configure = null) =>
        builder.UseHosted(options, (chosen, connection) => new VideosApi(connection, chosen), configure);

    /// <summary>Takes Zhipu (set BaseAddress to https://open.bigmodel.cn/api/paas/v4/) or Z.ai (the default) as the video generator.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseZhipu(this IVpoBuilder builder, Action<ZhipuOptions> options, Action<VideoGeneratorBuilder>? configure = null) =>
        builder.UseHosted(options, (_, connection) => new Zhipu(connection), configure);

    /// <summary>Takes a model of fal as the video generator.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder and Defaults.Model.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseFal(this IVpoBuilder builder, Action<FalOptions> options, Action<VideoGeneratorBuilder>? configure = null) =>
        builder.UseHosted(options, (chosen, connection) => new Fal(connection, chosen), configure, "Key");

    /// <summary>Takes a model of Replicate as the video generator.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder and Defaults.Model: owner/name, owner/name:version or a version.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseReplicate(this IVpoBuilder builder, Action<ReplicateOptions> options, Action<VideoGeneratorBuilder>? configure = null) =>
        builder.UseHosted(options, (chosen, connection) => new Replicate(connection, chosen), configure);

    /// <summary>Takes a workflow on a ComfyUI server as the video generator.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder and Workflow.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseComfyUi(this IVpoBuilder builder, Action<ComfyUiOptions> options, Action<VideoGeneratorBuilder>? configure = null) =>
        builder.UseHosted(options, (chosen, connection) => new ComfyUi(connection, chosen), configure);

    /// <summary>Takes a program of this machine as the video generator, such as a model's own script.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Sets at least Folder, Program and Output; <see cref="CommandRecipes"/> has ready ones.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseCommand(this IVpoBuilder builder, Action<CommandOptions> options, Action<VideoGeneratorBuilder>? configure = null)
    {
        Checked(builder, options, chosen => chosen.Problems());
        return builder.AddVideoGenerator(services => new CommandGenerator(
            services.GetRequiredService<IOptionsMonitor<CommandOptions>>().Get(builder.Name), services.GetService<TimeProvider>() ?? TimeProvider.System), configure);
    }

    private static IVpoBuilder UseHosted<TOptions>(
        this IVpoBuilder builder, Action<TOptions> options, Func<TOptions, ServiceConnection, VideoService> make, Action<VideoGeneratorBuilder>? configure, string scheme = "Bearer")
        where TOptions : HostedVideoOptions
    {
        Checked(builder, options, chosen => chosen.Problems());
        var client = $"vpo-{typeof(TOptions).Name}-{builder.Name}";
        HostedHttp.Add<TOptions>(builder.Services, client, builder.Name);
        return builder.AddVideoGenerator(
            services =>
            {
                var chosen = services.GetRequiredService<IOptionsMonitor<TOptions>>().Get(builder.Name);
                var connection = new ServiceConnection(services.GetRequiredService<IHttpClientFactory>().CreateClient(client), chosen, scheme);
                return new VideoGenerator(make(chosen, connection), connection, chosen, services.GetService<TimeProvider>() ?? TimeProvider.System);
            },
            configure);
    }

    private static void Checked<TOptions>(IVpoBuilder builder, Action<TOptions> options, Func<TOptions, IEnumerable<string>> problems) where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>>(new HostedOptionsValidator<TOptions>(problems)));
        builder.Services.AddOptions<TOptions>(builder.Name).Configure(options).ValidateOnStart();
    }
}
