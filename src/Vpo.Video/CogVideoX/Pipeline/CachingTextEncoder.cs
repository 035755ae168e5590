using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>Keeps the embeddings of the latest prompts, and can close the encoder in between.</summary>
/// <param name="open">Opens the encoder; called at once, and again after each release.</param>
/// <param name="capacity">Prompts that are kept; 0 keeps none.</param>
/// <param name="releases">Close the encoder after each use.</param>
/// <remarks>Safe for concurrent calls.</remarks>
internal sealed class CachingTextEncoder(Func<ITextEncoder> open, int capacity, bool releases) : ITextEncoder
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Prompt, Tensor Embedding)> _kept = new();
    private ITextEncoder? _encoder = open();

    /// <summary>Whether the encoder is open now.</summary>
    internal bool IsOpen => _encoder is not null;

    /// <inheritdoc/>
    public void Check(string prompt)
    {
        lock (_lock)
        {
            if (Find(prompt) is not null)
                return;
            Encoder.Check(prompt);
        }
    }

    /// <inheritdoc/>
    public Tensor Encode(IReadOnlyList<string> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        lock (_lock)
        {
            try
            {
                return EncodeMissing(prompts, cancellationToken);
            }
            finally
            {
                if (releases)
                    Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            Release();
            while (_kept.Count > 0)
                DropOldest();
        }
    }

    private Tensor EncodeMissing(IReadOnlyList<string> prompts, CancellationToken cancellationToken)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var missing = prompts.Distinct(StringComparer.Ordinal).Where(prompt => Find(prompt) is null).ToList();
        var made = missing.Count == 0 ? [] : missing.Zip(Encoder.Encode(missing, cancellationToken).split(1, 0)).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        var result = cat(prompts.Select(prompt => made.GetValueOrDefault(prompt) ?? Find(prompt)!).ToArray(), 0);
        foreach (var (prompt, embedding) in made)
            Keep(prompt, embedding);
        return result.MoveToOuterDisposeScope();
    }

    private ITextEncoder Encoder => _encoder ??= open();

    private Tensor? Find(string prompt)
    {
        for (var node = _kept.First; node is not null; node = node.Next)
        {
            if (node.Value.Prompt != prompt)
                continue;
            _kept.Remove(node);
            _kept.AddFirst(node);
            return node.Value.Embedding;
        }
        return null;
    }

    private void Keep(string prompt, Tensor embedding)
    {
        if (capacity == 0)
            return;
        _kept.AddFirst((prompt, embedding.clone().DetachFromDisposeScope()));
        if (_kept.Count > capacity)
            DropOldest();
    }

    private void DropOldest()
    {
        _kept.Last!.Value.Embedding.Dispose();
        _kept.RemoveLast();
    }

    private void Release()
    {
        _encoder?.Dispose();
        _encoder = null;
    }
}
