using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using Vpo.Models.Optimization;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Chat;

/// <summary>A LLaMA-architecture model on this machine as an <see cref="IChatClient"/>: judge, teacher, or an application's local language model.</summary>
/// <remarks>Text only; tools are not called. Safe for concurrent calls, which one worker thread takes in turn. Same seed, same conversation: same answer.</remarks>
public sealed class LlamaChatClient : IChatClient
{
    private readonly ModelWorker _worker;
    private readonly TextGenerator _generator;
    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly SamplingOptions _sampling;
    private readonly ChatClientMetadata _metadata;

    /// <summary>Uses a model that is already loaded.</summary>
    /// <param name="model">Taken over: disposed with the client.</param>
    /// <param name="tokenizer">Of that model.</param>
    /// <param name="template">How it wants a conversation written.</param>
    /// <param name="sampling">Where a call does not say otherwise; null: the likeliest token, at most 512.</param>
    /// <param name="modelId">Name for records.</param>
    public LlamaChatClient(LlamaModel model, ITokenizer tokenizer, ChatTemplate template, SamplingOptions? sampling = null, string modelId = "llama")
    {
        (_tokenizer, _template, _sampling) = (tokenizer, template, sampling ?? new() { Greedy = true, MaxNewTokens = 512 });
        _metadata = new("vpo-llama", defaultModelId: modelId);
        _generator = new(model, tokenizer);
        _worker = new("vpo chat", model);
    }

    /// <summary>Opens a Hugging Face folder or a .gguf file.</summary>
    /// <exception cref="Checkpoints.CheckpointException">Something is missing, damaged or not supported; the message names it.</exception>
    public static LlamaChatClient Open(string path, SamplingOptions? sampling = null)
    {
        using var checkpoint = LlamaCheckpoint.Open(path);
        sampling ??= new() { Greedy = true, MaxNewTokens = 512 };
        var (tokenizer, template) = (checkpoint.Tokenizer, checkpoint.Template);
        return new(checkpoint.Load(), tokenizer, template, sampling with { StopIds = sampling.StopIds ?? checkpoint.Defaults.StopIds },
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The conversation is longer than the model's context, or asks for what is out of range.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (request, sampling) = Prepare(messages, options);
        var answer = await _worker.RunAsync(token => _generator.Generate([request], sampling, cancellationToken: token)[0], cancellationToken).ConfigureAwait(false);
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
        var running = _worker.RunAsync(token => _generator.Generate([request], sampling, (_, id) => pieces.Writer.TryWrite(text.Add(id)), token), stop.Token);
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
