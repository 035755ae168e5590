using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Vpo;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds VPO to a container.</summary>
public static class VpoServiceCollectionExtensions
{
    /// <summary>Adds VPO without a name: <see cref="IPromptOptimizer"/> and <see cref="IJudge"/> over the container's IChatClient, until a Use... verb chooses others.</summary>
    /// <remarks>Calling it again changes nothing. What is chosen by the verbs is a singleton that the container disposes.</remarks>
    public static IVpoBuilder AddVpo(this IServiceCollection services) => services.AddVpo("");

    /// <summary>Adds VPO under a name, so that several live side by side: the name is the key of the services and the name of the options.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The key, asked for by <c>[FromKeyedServices(name)]</c>; empty for services without a key. The keyed IChatClient of that name is used, else the one without a key.</param>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VpoOptions>, VpoOptionsValidator>());
        services.AddOptions<VpoOptions>(name).ValidateOnStart();
        var builder = new VpoBuilder(name, services);
        builder.TryAddByDefault<IPromptOptimizer>(ChatParts.Optimizer(name, null, null));
        builder.TryAddByDefault<IJudge>(ChatParts.Judge(name, null, null));
        return builder;
    }

    /// <summary>Adds VPO without a name and sets options.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, Action<VpoOptions> configure) => services.AddVpo("", configure);

    /// <summary>Adds VPO under a name and sets its options.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name, Action<VpoOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = services.AddVpo(name);
        services.Configure(name, configure);
        return builder;
    }

    /// <summary>Adds VPO without a name and binds its options to a section of the configuration.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, IConfiguration section) => services.AddVpo("", section);

    /// <summary>Adds VPO under a name and binds its options to a section of the configuration.</summary>
    public static IVpoBuilder AddVpo(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddVpo(name);
        services.AddOptions<VpoOptions>(name).Bind(section);
        return builder;
    }
}
