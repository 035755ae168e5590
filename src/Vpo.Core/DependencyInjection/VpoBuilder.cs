using Microsoft.Extensions.DependencyInjection;

namespace Vpo;

internal sealed record VpoBuilder(string Name, IServiceCollection Services) : IVpoBuilder;
