using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>How a trained token counts in supervised fine-tuning.</summary>
public enum TokenLoss
{
    /// <summary>−log p.</summary>
    NegativeLogLikelihood,

    /// <summary>−stopgrad(p) · log p: dynamic fine-tuning (TRL's dft).</summary>
    Dynamic,
}

/// <summary>The loss of supervised fine-tuning.</summary>
public static class SftLoss
{
    /// <summary>The sum over the tokens; divided by the trained tokens of ALL micro-batches of a step it is the step's loss.</summary>
    /// <param name="tokens">Log-probabilities, [N].</param>
    /// <param name="kind">How a token counts.</param>
    /// <returns>A number.</returns>
    public static Tensor Sum(Tensor tokens, TokenLoss kind = TokenLoss.NegativeLogLikelihood)
    {
        using var scope = NewDisposeScope();
        var weighted = kind == TokenLoss.Dynamic ? tokens.mul(tokens.detach().exp()) : tokens;
        return weighted.sum().neg().MoveToOuterDisposeScope();
    }

    /// <summary>The mean over the tokens.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Tensor Mean(Tensor tokens, TokenLoss kind = TokenLoss.NegativeLogLikelihood)
    {
        using var scope = NewDisposeScope();
        return Sum(tokens, kind).Times(1.0 / tokens.shape[0]).MoveToOuterDisposeScope();
    }
}
