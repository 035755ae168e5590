using System.Runtime.CompilerServices;
using Vpo.Models.Native;

/// <summary>Loads libtorch before a test touches a tensor on its own.</summary>
internal static class LibtorchFirst
{
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "must run before the first tensor of a test")]
    [ModuleInitializer]
    internal static void Load() => LibtorchLoader.EnsureLoaded();
}
