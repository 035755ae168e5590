using static TorchSharp.torch;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>A video that the model has read: keys and values of its tokens, for any number of questions. Does not grow.</summary>
public sealed class VideoPrefix : IDisposable
{
    internal VideoPrefix(IReadOnlyList<(Tensor Keys, Tensor Values)> layers, long nextPosition) => (Layers, NextPosition) = (layers, nextPosition);

    /// <summary>The position of a question's first token.</summary>
    public long NextPosition { get; }

    /// <summary>How many tokens the video takes.</summary>
    public int Length => (int)Layers[0].Keys.shape[1];

    internal IReadOnlyList<(Tensor Keys, Tensor Values)> Layers { get; }

    /// <summary>Frees keys and values.</summary>
    public void Dispose()
    {
        foreach (var (keys, values) in Layers)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
