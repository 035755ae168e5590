using static TorchSharp.torch;

namespace Vpo.Models.Layers;

/// <summary>Switching training on and off for whole modules.</summary>
public static class Gradients
{
    /// <summary>Makes every parameter collect gradients, or none. Modules of this library start without.</summary>
    /// <returns>The same module.</returns>
    public static T RequireGradients<T>(this T module, bool on = true) where T : nn.Module
    {
        ArgumentNullException.ThrowIfNull(module);
        foreach (var parameter in module.parameters())
            parameter.requires_grad = on;
        return module;
    }
}
