using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Tensors;
using static TorchSharp.torch;

namespace Vpo.Rewards.Clip;

/// <summary>Sum of a token's and its place's embedding.</summary>
internal sealed class ClipTextEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Embedding token_embedding, position_embedding;

    public ClipTextEmbeddings(ClipConfig config, Weights weights) : base(nameof(ClipTextEmbeddings))
    {
        token_embedding = new(weights.At("token_embedding"), config.Vocabulary, config.Text.Width);
        position_embedding = new(weights.At("position_embedding"), config.Context, config.Text.Width);
        weights.Ignore("position_ids");   // 0, 1, 2, ... in old exports
        RegisterComponents();
    }

    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return token_embedding.forward(ids).Plus(position_embedding.Weight.narrow(0, 0, ids.shape[1])).MoveToOuterDisposeScope();
    }
}

/// <summary>The text tower: causal, read out at the end of the text.</summary>
internal sealed class ClipText : nn.Module
{
    private readonly ClipTextEmbeddings embeddings;
    private readonly ClipEncoder encoder;
    private readonly LayerNorm final_layer_norm;
    private readonly int? _endId;

    public ClipText(ClipConfig config, Weights weights) : base(nameof(ClipText))
    {
        embeddings = new(config, weights.At("embeddings"));
        encoder = new(config.Text, weights.At("encoder"));
        final_layer_norm = new(weights.At("final_layer_norm"), config.Text.Width, config.Text.Epsilon);
        _endId = config.EndId;
        RegisterComponents();
    }

    /// <summary>Hidden states of all tokens, [B, T, width].</summary>
    /// <param name="ids">int64 [B, T].</param>
    /// <param name="visible">[B, T] with 0 for keys that nobody sees; null: all are seen by those after them.</param>
    public Tensor Hidden(Tensor ids, Tensor? visible)
    {
        using var scope = NewDisposeScope();
        var x = embeddings.forward(ids);
        var length = ids.shape[1];
        var ahead = ones(length, length, dtype: ScalarType.Bool, device: ids.device).triu(1);
        if (visible is not null)
            ahead = ahead.logical_or(visible.eq(Scalars.Zero).view(-1, 1, 1, length));
        var mask = zeros_like(ahead, dtype: x.dtype).masked_fill(ahead, Scalars.NegativeInfinity);
        return final_layer_norm.forward(encoder.forward(x, mask)).MoveToOuterDisposeScope();
    }

    /// <summary>The hidden state at the end of each text, [B, width].</summary>
    public Tensor AtEnd(Tensor hidden, Tensor ids)
    {
        using var scope = NewDisposeScope();
        using var end = ((long)(_endId ?? 0)).ToScalar();
        var place = _endId is null ? ids.argmax(-1) : ids.eq(end).to(ScalarType.Int32).argmax(-1);
        var index = place.view(-1, 1, 1).expand(-1, 1, hidden.shape[2]);
        return hidden.gather(1, index).squeeze(1).MoveToOuterDisposeScope();
    }
}
