using Microsoft.Extensions.DependencyInjection;

namespace Vpo;

/// <summary>What <c>services.AddVpo()</c> returns: a place to choose the parts, by the Use... verbs of this and other packages.</summary>
public interface IVpoBuilder
{
    /// <summary>The name under which the parts are registered: the key of keyed services, or empty for the unnamed ones.</summary>
    string Name { get; }

    /// <summary>The services being configured.</summary>
    IServiceCollection Services { get; }
}
