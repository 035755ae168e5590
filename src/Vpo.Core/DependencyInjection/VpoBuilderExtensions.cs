using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Vpo;
using Vpo.Prompting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Choosing parts on an <see cref="IVpoBuilder"/>. Other packages build their Use... verbs on <see cref="UsePart"/>.</summary>
public static class VpoBuilderExtensions
{
    /// <summary>Registers a part under the builder's name, as a singleton that the container disposes; the last one registered wins.</summary>
    /// <typeparam name="TPart">One of the contracts.</typeparam>
    /// <param name="builder">The builder.</param>
    /// <param name="create">Makes the part when it is first asked for.</param>
    /// <param name="configure">Adds layers around it; may be null.</param>
    public static IVpoBuilder UsePart<TPart>(this IVpoBuilder builder, Func<IServiceProvider, TPart> create, Action<PipelineBuilder<TPart>>? configure = null) where TPart : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        var pipeline = new PipelineBuilder<TPart>(create);
        configure?.Invoke(pipeline);
        if (builder.Name.Length == 0)
            builder.Services.AddSingleton<TPart>(pipeline.Build);
        else
            builder.Services.AddKeyedSingleton<TPart>(builder.Name, (services, _) => pipeline.Build(services));
        return builder;
    }

    /// <summary>An optimizer of your own.</summary>
    public static IVpoBuilder UseOptimizer(this IVpoBuilder builder, Func<IServiceProvider, IPromptOptimizer> create, Action<PipelineBuilder<IPromptOptimizer>>? configure = null) =>
        builder.UsePart(create, configure);

    /// <summary>A judge of your own.</summary>
    public static IVpoBuilder UseJudge(this IVpoBuilder builder, Func<IServiceProvider, IJudge> create, Action<PipelineBuilder<IJudge>>? configure = null) =>
        builder.UsePart(create, configure);

    /// <summary>A video generator of your own.</summary>
    public static IVpoBuilder UseVideoGenerator(this IVpoBuilder builder, Func<IServiceProvider, IVideoGenerator> create, Action<PipelineBuilder<IVideoGenerator>>? configure = null) =>
        builder.UsePart(create, configure);

    /// <summary>A video reward of your own.</summary>
    public static IVpoBuilder UseVideoReward(this IVpoBuilder builder, Func<IServiceProvider, IVideoReward> create, Action<PipelineBuilder<IVideoReward>>? configure = null) =>
        builder.UsePart(create, configure);

    /// <summary>An optimizer over the container's chat model.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="chatClientKey">Key of the IChatClient; null takes the unkeyed one.</param>
    /// <param name="configure">Adds layers around it; may be null.</param>
    public static IVpoBuilder UseChatOptimizer(this IVpoBuilder builder, object? chatClientKey = null, Action<PipelineBuilder<IPromptOptimizer>>? configure = null) =>
        builder.UsePart(services => builder.ChatOptimizer(services, chatClientKey), configure);

    /// <summary>What <see cref="VpoOptions"/> say under the builder's name.</summary>
    public static VpoOptions Options(this IVpoBuilder builder, IServiceProvider services) =>
        services.GetRequiredService<IOptionsMonitor<VpoOptions>>().Get(builder.Name);

    internal static void TryAddDefaults(this IVpoBuilder builder)
    {
        if (builder.Name.Length == 0)
            builder.Services.TryAddSingleton(services => builder.ChatOptimizer(services, null));
        else
            builder.Services.TryAddKeyedSingleton(builder.Name, (services, _) => builder.ChatOptimizer(services, null));
    }

    private static IPromptOptimizer ChatOptimizer(this IVpoBuilder builder, IServiceProvider services, object? key)
    {
        var client = key is null ? services.GetService<IChatClient>() : services.GetKeyedService<IChatClient>(key);
        if (client is null)
            throw new InvalidOperationException($"AddVpo found no IPromptOptimizer and no IChatClient{(key is null ? "" : $" with the key '{key}'")}. Choose a model with a verb such as UseLlama(folder), or register an IChatClient.");
        var options = builder.Options(services);
        var template = options.TemplateFile is { } file ? OptimizationTemplate.Load(file) : null;
        return new DefaultingPromptOptimizer(new ChatPromptOptimizer(client, template), options);
    }
}
