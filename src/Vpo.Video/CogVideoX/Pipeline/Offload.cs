namespace Vpo.Video.CogVideoX;

/// <summary>Which parts of a model opened from a folder are closed while they are not needed. A closed part takes no memory, neither here nor on a GPU.</summary>
/// <remarks>Opening again is cheap where files hold the wanted type: a CPU maps them, a GPU copies them. Files of another type are converted anew each time.</remarks>
public enum Offload
{
    /// <summary>All parts stay open: fastest for many clips.</summary>
    None,

    /// <summary>The text encoder, the largest part, is closed after each use.</summary>
    TextEncoder,

    /// <summary>Text encoder, transformer and autoencoder are open one at a time, in this order.</summary>
    InOrder,
}
