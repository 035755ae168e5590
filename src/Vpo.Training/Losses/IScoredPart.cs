using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Some rows of a batch through the model: log-probabilities now, gradients later.</summary>
internal interface IScoredPart : IDisposable
{
    /// <summary>float32 [n], without a graph.</summary>
    Tensor LogProbs { get; }

    /// <summary>Of the same tokens.</summary>
    TokenStatistics Statistics { get; }

    /// <summary>Adds to the parameters' gradients. Once.</summary>
    /// <param name="upstream">float32 [n]: gradient of the loss for each log-probability.</param>
    void Backward(Tensor upstream);
}
