using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Vpo.Models.Chat;
using Vpo.Models.Decoding;
using Vpo.Models.Generation;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Optimization;

/// <summary>Optimizes prompts with a LLaMA-architecture model on this machine.</summary>
/// <remarks>
/// Calls may come from many threads at any time: a worker thread writes for all of them together, so that many calls run at the speed of one batch. Seeds of
/// samples come from the call's seed, the query and the index of the sample, so a query gets the same prompts alone, in a batch and beside other calls.
/// </remarks>
public sealed class LlamaPromptOptimizer : IBatchPromptOptimizer
{
    private const int MostAlternatives = 64;

    private readonly GenerationWorker _worker;
    private readonly TextGenerator _generator;
    private readonly ITokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly InstructionTemplate _instruction;
    private readonly LlamaOptimizerOptions _options;
    private readonly LlamaConfig _config;

    /// <summary>Uses a model that is already loaded.</summary>
    /// <param name="model">Taken over: disposed with the optimizer.</param>
    /// <param name="tokenizer">Of that model.</param>
    /// <param name="template">How it wants a conversation written.</param>
    /// <param name="options">Null: defaults.</param>
    public LlamaPromptOptimizer(LlamaModel model, ITokenizer tokenizer, ChatTemplate template, LlamaOptimizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_tokenizer, _template, _options, _config) = (tokenizer, options?.Template ?? template, options ?? new(), model.Config);
        _instruction = _options.Instruction ?? (_template is ChatTemplate.Plain ? InstructionTemplate.QueryOnly : InstructionTemplate.Default);
        ModelId = _options.ModelId ?? "llama";
        _generator = new(model, tokenizer) { MaxBatch = _options.MaxBatch, Weights = _options.Weights };
        _worker = new("vpo llama", _generator, model);
    }

    /// <summary>Which model writes.</summary>
    public string ModelId { get; }

    /// <summary>Opens a Hugging Face folder or a .gguf file.</summary>
    /// <exception cref="Checkpoints.CheckpointException">Something is missing, damaged or not supported; the message names it.</exception>
    public static LlamaPromptOptimizer Open(string path, LlamaOptimizerOptions? options = null)
    {
        options ??= new();
        using var checkpoint = LlamaCheckpoint.Open(path);
        var beside = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = new[] { options.Adapter, beside }.OfType<string>().Select(folder => Path.Combine(folder, InstructionTemplate.FileName)).FirstOrDefault(File.Exists);
        options = (LlamaOptimizerOptions)options.For(path, checkpoint) with { Instruction = options.Instruction ?? (file is not null ? new(File.ReadAllText(file)) : null) };
        var (tokenizer, template) = (checkpoint.Tokenizer, options.Template ?? checkpoint.Template);
        return new(Load(checkpoint, options), tokenizer, template, options);
    }

    /// <summary>Makes ready what the first call would make ready, such as int8 weights, and says what that cost. A server may call it at its start.</summary>
    public Preparation Prepare() => _generator.Prepare();

    /// <inheritdoc/>
    public async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options = null, CancellationToken cancellationToken = default) =>
        (await OptimizeBatchAsync([query], options, cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public Task<IReadOnlyList<OptimizedPrompt>> OptimizeBatchAsync(
        IReadOnlyList<string> queries, PromptOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (asked, sampling) = Check(queries, options);
        return OptimizeAsync(queries, asked, sampling, null, cancellationToken);
    }

    /// <summary>Optimizes one query and hands out the text of the first prompt, not yet cleaned, while it is being written.</summary>
    /// <param name="query">The user's words; not empty.</param>
    /// <param name="options">Null takes the defaults.</param>
    /// <param name="onText">Called for each piece of text, on the model's thread.</param>
    /// <param name="cancellationToken">Ends the call between two tokens.</param>
    public async Task<OptimizedPrompt> OptimizeAsync(string query, PromptOptions? options, Action<string> onText, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(onText);
        var (asked, sampling) = Check([query], options);
        var text = new TextStream(_tokenizer);
        void OnToken(int request, int id)
        {
            if (request == 0 && text.Add(id) is { Length: > 0 } piece)
                onText(piece);
        }
        return (await OptimizeAsync([query], asked, sampling, OnToken, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>The first prompt as it is being written: pieces of text as the model gives them, not yet cleaned.</summary>
    /// <exception cref="ArgumentException">The query is empty or white space.</exception>
    public async IAsyncEnumerable<string> StreamAsync(string query, PromptOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (asked, sampling) = Check([query], options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pieces = Channel.CreateUnbounded<string>();
        var text = new TextStream(_tokenizer);
        var running = _worker.GenerateAsync([RequestOf(PromptOf(query), query, asked, 0)], sampling, (_, id) =>
        {
            if (text.Add(id) is { Length: > 0 } piece)
                pieces.Writer.TryWrite(piece);
        }, stop.Token);
        _ = running.ContinueWith(_ => pieces.Writer.TryComplete(), TaskScheduler.Default);   // also when it never began
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return piece;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);   // also when the caller stops reading
        }
        await running.ConfigureAwait(false);
    }

    /// <summary>Ends running calls with <see cref="ObjectDisposedException"/> and frees the model.</summary>
    public void Dispose() => _worker.Dispose();

    private static LlamaModel Load(LlamaCheckpoint checkpoint, LlamaOptimizerOptions options)
    {
        var model = checkpoint.Load(options.Type, device: options.Device);
        try
        {
            if (options.Adapter is { } folder)
                LoraAdapter.Open(model, folder).Merge();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private (PromptOptions Options, SamplingOptions Sampling) Check(IReadOnlyList<string> queries, PromptOptions? options)
    {
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new();
        if (queries.Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("a query must not be empty or white space.", nameof(queries));
        if (options.Count is < 1 or > MostAlternatives)
            throw new ArgumentException($"Count must be from 1 to {MostAlternatives}, it is {options.Count}.", nameof(options));
        var sampling = _options.Sampling with
        {
            Greedy = options.Temperature == 0 || (options.Temperature is null && _options.Sampling.Greedy),
            Temperature = options.Temperature is > 0 and var temperature ? temperature : _options.Sampling.Temperature,
            TopP = options.TopP ?? _options.Sampling.TopP,
            MaxNewTokens = options.MaxNewTokens ?? _options.Sampling.MaxNewTokens,
        };
        return (options, sampling.Checked());
    }

    private IReadOnlyList<int> PromptOf(string query) => _template.Encode([new("user", _instruction.Fill(query))], _tokenizer);

    private GenerationRequest RequestOf(IReadOnlyList<int> prompt, string query, PromptOptions options, int index) =>
        new(prompt, ContentId.Seed(options.Seed ?? 0, "optimize", query, index.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private async Task<IReadOnlyList<OptimizedPrompt>> OptimizeAsync(
        IReadOnlyList<string> queries, PromptOptions options, SamplingOptions sampling, Action<int, int>? onToken, CancellationToken cancellationToken)
    {
        var count = sampling.Greedy ? 1 : options.Count;   // greedy answers are all the same
        var prompts = queries.Select(PromptOf).ToList();
        var requests = queries.SelectMany((query, i) => prompts[i].Count < _config.MaxPositions ? Enumerable.Range(0, count).Select(k => RequestOf(prompts[i], query, options, k)) : []).ToList();
        var answers = new Queue<GeneratedText>(await _worker.GenerateAsync(requests, sampling, onToken, cancellationToken).ConfigureAwait(false));
        return [.. queries.Select((query, i) => prompts[i].Count < _config.MaxPositions
            ? ResultOf(query, prompts[i].Count, [.. Enumerable.Range(0, count).Select(_ => answers.Dequeue())], options)
            : Fallback(query, $"the query is too long: {prompts[i].Count} tokens with its instruction, the model's context holds {_config.MaxPositions}", new(0, 0)))];
    }

    private OptimizedPrompt ResultOf(string query, int promptTokens, GeneratedText[] answers, PromptOptions options)
    {
        var usage = new TokenUsage(promptTokens, answers.Sum(a => a.Ids.Count));
        var read = answers.Select(answer => Read(answer, options.TokenBudget)).ToList();
        var usable = read.Where(r => r.Problem is null).Select(r => r.Text).ToList();
        return usable.Count == 0
            ? Fallback(query, read[0].Problem!, usage)
            : new() { Query = query, Text = usable[0], Alternatives = usable[1..], ModelId = ModelId, Usage = usage };
    }

    private (string Text, string? Problem) Read(GeneratedText answer, int? budget)
    {
        var text = AnswerCleaning.Clean(_tokenizer.Decode(answer.Ids));
        if (AnswerCleaning.IsRefusal(text))
            return ("", "the model declined");
        if (answer.Reason == FinishReason.Length)
            text = AnswerCleaning.WholeSentences(text);
        if (budget is { } tokens && text.Length > 0)
            text = AnswerCleaning.Fit(text, tokens, _options.CountTargetTokens ?? (t => _tokenizer.Encode(t).Count));
        return text.Length > 0 ? (text, null) : ("", answer.Reason == FinishReason.Length
            ? $"the answer did not end within {answer.Ids.Count} tokens" : "the model wrote nothing");
    }

    private OptimizedPrompt Fallback(string query, string reason, TokenUsage usage) =>
        OptimizedPrompt.Fallback(query, reason) with { ModelId = ModelId, Usage = usage };
}
