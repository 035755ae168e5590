using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Prompts to what the transformer reads: tokenizer and model together, so that each may be exchanged.</summary>
public interface ITextEncoder : IDisposable
{
    /// <summary>Refuses a prompt that does not fit, before any work.</summary>
    /// <exception cref="ArgumentException">Says how long it is and how long it may be.</exception>
    void Check(string prompt);

    /// <summary>Encodes; must not depend on what else is in the batch.</summary>
    /// <param name="prompts">Checked before.</param>
    /// <param name="cancellationToken">Ends the work between two blocks.</param>
    /// <returns>[prompts, tokens, width]; the number of tokens is always the same. The caller disposes of it.</returns>
    Tensor Encode(IReadOnlyList<string> prompts, CancellationToken cancellationToken = default);
}

/// <summary>A T5 encoder with any tokenizer: ids, then the end id, then padding up to a fixed length, all without mask.</summary>
public sealed class T5TextEncoder : ITextEncoder
{
    private readonly T5Encoder _model;
    private readonly Func<string, IReadOnlyList<int>> _tokenize;
    private readonly int _length;
    private readonly bool _truncates;

    /// <param name="model">Disposed with this object.</param>
    /// <param name="tokenize">A prompt's ids, without end and padding. Called from several threads.</param>
    /// <param name="length">Tokens of every result, the end included: the transformer's MaxTextLength.</param>
    /// <param name="truncates">Cut what does not fit, as the reference does, instead of refusing it.</param>
    public T5TextEncoder(T5Encoder model, Func<string, IReadOnlyList<int>> tokenize, int length, bool truncates = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenize);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        (_model, _tokenize, _length, _truncates) = (model, tokenize, length, truncates);
    }

    /// <inheritdoc/>
    public void Check(string prompt) => Ids(prompt);

    /// <inheritdoc/>
    public Tensor Encode(IReadOnlyList<string> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        using var scope = NewDisposeScope();
        var ids = tensor(prompts.SelectMany(Ids).ToArray(), device: _model.Device).view(prompts.Count, _length);
        return _model.Encode(ids, null, (_, _) => cancellationToken.ThrowIfCancellationRequested()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private long[] Ids(string prompt)
    {
        var tokens = _tokenize(prompt);
        var fits = Math.Min(tokens.Count, _length - 1);
        if (fits > 0 && tokens[fits - 1] == _model.Config.EosId)
            fits--;   // a literal end mark at the end is not doubled
        if (tokens.Count >= _length && !_truncates)
            throw new ArgumentException($"the prompt has {tokens.Count} tokens; this model reads at most {_length - 1}. Shorten it.", nameof(prompt));
        var ids = new long[_length];
        Array.Fill(ids, _model.Config.PadId);
        for (var i = 0; i < fits; i++)
            ids[i] = tokens[i];
        ids[fits] = _model.Config.EosId;
        return ids;
    }
}
