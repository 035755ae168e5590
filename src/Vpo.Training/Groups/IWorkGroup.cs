using static TorchSharp.torch;

namespace Vpo.Training.Groups;

/// <summary>Processes that train one model together, each on its part of every batch: N of them equal one with N times the batch.</summary>
public interface IWorkGroup
{
    /// <summary>This process, from 0. Only the first one writes files.</summary>
    int Rank { get; }

    /// <summary>Processes.</summary>
    int Size { get; }

    /// <summary>Replaces a contiguous float32 tensor on the CPU by its sum over all processes. All must call it, in the same order.</summary>
    void Sum(Tensor tensor);

    /// <summary>Ends all processes, with a message.</summary>
    void Abort(string reason);
}
