using Vpo.Models.Decoding;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Generation;

/// <summary>One answer to write.</summary>
/// <param name="Prompt">Ids, beginning-of-text included.</param>
/// <param name="Seed">Seed of this answer alone: same seed, same text, whatever is generated beside it.</param>
public sealed record GenerationRequest(IReadOnlyList<int> Prompt, long Seed = 0);

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>A stop id was drawn.</summary>
    StopId,

    /// <summary>A stop text appeared.</summary>
    StopText,

    /// <summary>The allowed number of tokens, or the model's context, is used up.</summary>
    Length,
}

/// <summary>One answer.</summary>
/// <param name="Ids">New ids, without the stop id.</param>
/// <param name="Reason">Why it ended.</param>
public sealed record GeneratedText(IReadOnlyList<int> Ids, FinishReason Reason);

/// <summary>Writes many answers at once with one model.</summary>
/// <remarks>Calls may run concurrently on several threads, each with its own cache. The first call reads, and for other weight types converts, the model's
/// weights (<see cref="Prepare"/>); a model that changes must collect gradients or have an adapter while it does. Such models, and those on other devices, run on
/// their ordinary path, where batches of different sizes may differ in the last digits, so that in rare cases a draw at the very edge of two tokens falls to
/// the other side.</remarks>
/// <param name="model">The model; not disposed here.</param>
/// <param name="tokenizer">Needed only for stop texts.</param>
public sealed class TextGenerator(LlamaModel model, ITokenizer? tokenizer = null)
{
    /// <summary>Most sequences that are computed together; more are taken in turn, in order of prompt length. At least 1.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>Type in which matrices are read. Null, the default: the model's own arithmetic. Has no effect on models that are on another device, have an adapter that is on, or collect gradients.</summary>
    public WeightType? Weights { get; init; }

    /// <summary>Whether an answer may not depend on what is written beside it, to the last bit; on by default. Off lets libtorch multiply when six or more answers
    /// are written at once in bfloat16, which is about a sixth faster; other weight types have no use for it.</summary>
    public bool SameTextInAnyBatch { get; init; } = true;

    /// <summary>Writes an answer for each request, in their order.</summary>
    /// <param name="requests">What to continue.</param>
    /// <param name="options">How to choose tokens and when to end.</param>
    /// <param name="onToken">Called for each new id, stop ids excepted, with the index of its request; on the calling thread.</param>
    /// <param name="cancellationToken">Looked at between tokens.</param>
    /// <exception cref="ArgumentException">A prompt is empty, too long for the model's context, or holds an id outside the vocabulary.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<int, int>? onToken = null, CancellationToken cancellationToken = default)
    {
        var call = CallOf(requests, options, onToken, cancellationToken);
        Serve(call, () => null);
        return call.Result;
    }

    /// <summary>Makes ready what the first call would make ready, and says what that cost; later calls find it done.</summary>
    public Preparation Prepare()
    {
        using var use = model.Engines.Enter();
        return model.Engines.For(model, Weights)?.Preparation ?? new(null, 0, TimeSpan.Zero);
    }

    /// <summary>Checks what is asked for.</summary>
    internal Call CallOf(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<int, int>? onToken, CancellationToken cancellationToken, CancellationToken closing = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        options = options with { StopIds = options.StopIds ?? model.Config.EosIds };
        if (options.StopTexts.Count > 0 && tokenizer is null)
            throw new ArgumentException("stop texts need a tokenizer: give one to the TextGenerator.", nameof(options));
        return new([.. requests.Select((request, i) => Begin(request, i, options))], options, onToken, cancellationToken) { Closing = closing };
    }

    /// <summary>Ends a call, and those that come while it is running. What goes wrong is theirs to hear.</summary>
    /// <param name="first">The call.</param>
    /// <param name="next">The next one; null when none is there now.</param>
    internal void Serve(Call first, Func<Call?> next)
    {
        try
        {
            using var use = model.Engines.Enter();
            if (first.IsOver)
                first.TryEnd();
            else if (model.Engines.For(model, Weights) is { } engine)
                Serve(engine, first, next);
            else
                RunPlainly(first);
        }
        catch (Exception e)
        {
            first.Fail(e);
        }
    }

    private void Serve(LlamaEngine engine, Call first, Func<Call?> next)
    {
        using var run = new EngineRun(engine, !SameTextInAnyBatch, Math.Max(1, MaxBatch));
        try
        {
            run.Add(first);
            while (!run.IsIdle)
            {
                while (next() is { } call)
                    run.Add(call);
                run.Advance();
            }
        }
        catch (Exception e)
        {
            run.Fail(e);
        }
    }

    private void RunPlainly(Call call)
    {
        foreach (var chunk in call.Answers.OrderBy(a => a.PromptLength).Chunk(Math.Max(1, MaxBatch)))
            PlainRun.Run(model, call, chunk);
        call.TryEnd();
    }

    private Answer Begin(GenerationRequest request, int index, SamplingOptions options)
    {
        var (vocabulary, context) = (model.Config.VocabularySize, model.Config.MaxPositions);
        if (request.Prompt.Count == 0)
            throw new ArgumentException($"prompt {index} is empty; it needs at least the beginning-of-text id.");
        if (request.Prompt.Count >= context)
            throw new ArgumentException($"prompt {index} has {request.Prompt.Count} tokens; the model's context holds {context}, answer included.");
        foreach (var id in request.Prompt)
        {
            if (id < 0 || id >= vocabulary)
                throw new ArgumentException($"prompt {index} holds the id {id}; the vocabulary has ids 0 to {vocabulary - 1}.");
        }
        var room = (int)Math.Min(options.MaxNewTokens, context - request.Prompt.Count);
        return new(index, request, room, options.StopTexts.Count > 0 ? new TextStream(tokenizer!) : null);
    }
}
