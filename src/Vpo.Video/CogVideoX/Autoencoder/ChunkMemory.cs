using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>What each causal convolution remembers from one chunk of frames to the next: its last two input frames.</summary>
internal sealed class ChunkMemory : IDisposable
{
    private readonly Dictionary<CausalConvolution, Tensor> _frames = [];

    public Tensor? Find(CausalConvolution convolution) => _frames.GetValueOrDefault(convolution);

    public void Keep(CausalConvolution convolution, Tensor frames)
    {
        _frames.Remove(convolution, out var old);
        _frames[convolution] = frames.clone().DetachFromDisposeScope();   // a copy: a view would hold the whole input
        old?.Dispose();
    }

    public void Dispose()
    {
        foreach (var frames in _frames.Values)
            frames.Dispose();
        _frames.Clear();
    }
}
