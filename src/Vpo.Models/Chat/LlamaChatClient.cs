using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Chat;

/// <summary>A LLaMA-architecture model on this machine as an <see cref="IChatClient"/>: judge, teacher, or an application's local language model.</summary>
/// <remarks>Text only; tools are not called. Safe for concurrent calls, which are written together, so that many run at the speed of one batch. Same seed, same
/// conversation: same answer, whatever runs beside it.</remarks>
public sealed class LlamaChatClient : IChatClient
{
    private readonly GenerationWorker _worker;
    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly SamplingOptions _sampling;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Uses a model that is already loaded.</summary>
    /// <param name="model">Taken over: disposed with the client.</param>
    /// <param name="tokenizer">Of that model.</param>
    /// <param name="template">How it wants a conversation written.</param>
    /// <param name="options">Null: defaults. Type and device are those of the model.</param>
    public LlamaChatClient(LlamaModel model, ITokenizer tokenizer, ChatTemplate template, LlamaChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        (_tokenizer, _template, _sampling) = (tokenizer, options.Template ?? template, options.Sampling);
        _metadata = new("vpo-llama", defaultModelId: options.ModelId ?? "llama");
        _worker = new("vpo chat", new(model, tokenizer) { MaxBatch = options.MaxBatch, Weights = options.Weights }, model);
    }

    /// <summary>Opens a Hugging Face folder or a .gguf file.</summary>
    /// <exception cref="Checkpoints.CheckpointException">Something is missing, damaged or not supported; the message names it.</exception>
    public static LlamaChatClient Open(string path, LlamaChatOptions? options = null)
    {
        using var checkpoint = LlamaCheckpoint.Open(path);
        options = (LlamaChatOptions)(options ?? new()).For(path, checkpoint);
        var (tokenizer, template) = (checkpoint.Tokenizer, options.Template ?? checkpoint.Template);
        return new(checkpoint.Load(options.Type, device: options.Device), tokenizer, template, options);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The conversation is longer than the model's context, or asks for what is out of range.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (request, sampling) = Prepare(messages, options);
        var answer = (await _worker.GenerateAsync([request], sampling, null, cancellationToken).ConfigureAwait(false))[0];
        return new(new ChatMessage(ChatRole.Assistant, TextOf(answer, sampling)))
        {
            ModelId = _metadata.DefaultModelId,
            FinishReason = answer.Reason == FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop,
            Usage = new() { InputTokenCount = request.Prompt.Count, OutputTokenCount = answer.Ids.Count, TotalTokenCount = request.Prompt.Count + answer.Ids.Count },
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (request, sampling) = Prepare(messages, options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateUnbounded<string>();
        var text = new TextStream(_tokenizer);
        var running = _worker.GenerateAsync([request], sampling, (_, id) => pieces.Writer.TryWrite(text.Add(id)), stop.Token);
        _ = running.ContinueWith(_ => pieces.Writer.TryComplete(), TaskScheduler.Default);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (piece.Length > 0)
                    yield return new(ChatRole.Assistant, piece) { ModelId = _metadata.DefaultModelId };
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);   // also when the caller stops reading
        }
        await running.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Ends running calls with <see cref="ObjectDisposedException"/> and frees the model.</summary>
    public void Dispose() => _worker.Dispose();

    private (GenerationRequest Request, SamplingOptions Sampling) Prepare(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var turns = messages.Select(message => new ChatTurn(message.Role.Value, message.Text)).ToList();
        if (options?.Instructions is { Length: > 0 } instructions)
            turns.Insert(0, new("system", instructions));
        var sampling = _sampling with
        {
            Greedy = options?.Temperature is { } t ? t == 0 : _sampling.Greedy,
            Temperature = options?.Temperature is > 0 and var temperature ? temperature : _sampling.Temperature,
            TopP = options?.TopP ?? _sampling.TopP,
            TopK = options?.TopK ?? _sampling.TopK,
            MaxNewTokens = options?.MaxOutputTokens ?? _sampling.MaxNewTokens,
            StopTexts = options?.StopSequences is { Count: > 0 } stops ? [.. stops] : _sampling.StopTexts,
        };
        return (new(_template.Encode(turns, _tokenizer), options?.Seed ?? 0), sampling.Checked());
    }

    /// <summary>The text, cut before a stop text.</summary>
    private string TextOf(GeneratedText answer, SamplingOptions sampling)
    {
        var text = _tokenizer.Decode(answer.Ids);
        var cut = answer.Reason == FinishReason.StopText ? sampling.StopTexts.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(text.Length).Min() : text.Length;
        return text[..cut];
    }
}
