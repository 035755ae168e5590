using Microsoft.Extensions.DependencyInjection;

namespace Vpo;

/// <summary>The builder behind <see cref="IVpoBuilder"/>.</summary>
internal sealed record VpoBuilder(string Name, IServiceCollection Services) : IVpoBuilder;
