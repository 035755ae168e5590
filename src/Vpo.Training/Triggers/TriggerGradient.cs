using Vpo.Models.Llama;
using Vpo.Training.Passes;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Which token would lower the loss most at a position, as far as the gradient tells (HotFlip, Ebrahimi et al. 2018; AutoPrompt, equation 2).</summary>
internal static class TriggerGradient
{
    /// <summary>The candidates with the highest −e·g, best first: e a token's embedding, g the loss's gradient for the embedding at the position.</summary>
    /// <param name="gradient">float32 [H].</param>
    /// <param name="model">Has the embeddings.</param>
    /// <param name="candidates">Ids.</param>
    /// <param name="count">How many.</param>
    public static int[] Best(Tensor gradient, LlamaModel model, IReadOnlyList<int> candidates, int count)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var ids = tensor(candidates.Select(id => (long)id).ToArray(), device: model.Device);
        var scores = model.EmbeddingWeight.index_select(0, ids).to(ScalarType.Float32).mv(gradient).neg();
        var (_, best) = scores.topk(Math.Min(count, candidates.Count));
        return [.. best.cpu().data<long>().ToArray().Select(i => candidates[(int)i])];
    }

    /// <summary>The gradient of the mean negative log-likelihood of a completion's token for the embedding at a position of the triggers, over all rows. The model gets none.</summary>
    /// <returns>float32 [H].</returns>
    public static Tensor At(LlamaModel model, IReadOnlyList<TriggerExample> examples, IReadOnlyList<int> triggers, int position)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var rows = PackedRows.Of([.. examples.Select(e => e.With(triggers))], RowLayout.Packed);
        using var inputs = new PackedInputs(model, rows);
        using var pass = new ModelPass(model, inputs, Keeping.Everything);
        using var head = new HeadPass(model, pass.Hidden, inputs.Targets);
        var count = rows.Targets.Length;
        using var each = tensor(Enumerable.Repeat(-1f / count, count).ToArray(), device: model.Device);
        var embeddings = pass.Backward(head.Backward(each));
        var places = rows.Segments.Zip(examples, (segment, example) => (long)(segment.Start + example.Before.Length + position)).ToArray();
        return embeddings.index_select(0, tensor(places, device: model.Device)).to(ScalarType.Float32).sum([0]).MoveToOuterDisposeScope();
    }
}
