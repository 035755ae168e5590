using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>Named tensors on disk, whatever the file format.</summary>
/// <remarks>Safe for reading from several threads. Tensors that were read stay valid after disposal.</remarks>
public interface ICheckpoint : IDisposable
{
    /// <summary>What to call it in messages: a path.</summary>
    string Location { get; }

    /// <summary>Every tensor with its shape, in file order.</summary>
    IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>The tensor in the type it has on disk, on the CPU; a view of the mapped file where the format allows it.
    /// Writing to it never reaches the file.</summary>
    /// <exception cref="KeyNotFoundException">No tensor has this name.</exception>
    Tensor Read(string name);
}
