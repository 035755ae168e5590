using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Vpo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds VPO to a container.</summary>
public static class VpoServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IPromptOptimizer"/> and an <see cref="IJudge"/> over the container's IChatClient; Use... verbs on the result choose other parts. Calling it twice changes nothing.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services) => services.AddVpo("");

    /// <summary>The same with options set in code.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, Action<VpoOptions> configure) => services.AddVpo("", configure);

    /// <summary>The same with options bound from configuration.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, IConfiguration section) => services.AddVpo("", section);

    /// <summary>The same under a name: every part is a keyed service with that key, so several optimizers, rewards or video models live side by side.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name, Action<VpoOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = services.AddVpo(name);
        services.Configure(name, configure);
        return builder;
    }

    /// <summary>The same under a name, with options bound from configuration.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddVpo(name);
        services.AddOptions<VpoOptions>(name).Configure(options => VpoOptionsBinding.Bind(section, options));
        return builder;
    }

    /// <summary>The same under a name; the empty name is the unnamed, unkeyed registration.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.AddOptionsWithValidateOnStart<VpoOptions>(name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<Microsoft.Extensions.Options.IValidateOptions<VpoOptions>, VpoOptionsValidator>());
        var builder = new VpoBuilder(name, services);
        builder.TryAddDefaults();
        return builder;
    }
}
