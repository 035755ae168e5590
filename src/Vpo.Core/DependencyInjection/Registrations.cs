using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Vpo;

/// <summary>One implementation a contract and name: without a key when the name is empty.</summary>
internal static class Registrations
{
    internal static IVpoBuilder Choose<TService>(this IVpoBuilder builder, Func<IServiceProvider, TService> make) where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Replace(Describe(builder.Name, make));
        return builder;
    }

    internal static void TryAddByDefault<TService>(this IVpoBuilder builder, Func<IServiceProvider, TService> make) where TService : class =>
        builder.Services.TryAdd(Describe(builder.Name, make));

    private static ServiceDescriptor Describe<TService>(string name, Func<IServiceProvider, TService> make) where TService : class => name.Length == 0
        ? ServiceDescriptor.Singleton(make)
        : ServiceDescriptor.KeyedSingleton(name, (services, _) => make(services));
}
