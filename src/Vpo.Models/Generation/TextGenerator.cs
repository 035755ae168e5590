using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

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
/// <remarks>Calls may run concurrently on several threads, each with its own cache. Arithmetic in batches of different sizes may differ in the last
/// digits, so that in rare cases a draw at the very edge of two tokens falls to the other side.</remarks>
/// <param name="model">The model; not disposed here.</param>
/// <param name="tokenizer">Needed only for stop texts.</param>
public sealed class TextGenerator(LlamaModel model, ITokenizer? tokenizer = null)
{
    /// <summary>Most sequences that are computed together; more are taken in turn, in order of prompt length. At least 1.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>Writes an answer for each request, in their order.</summary>
    /// <param name="requests">What to continue.</param>
    /// <param name="options">How to choose tokens and when to end.</param>
    /// <param name="onToken">Called for each new id, stop ids excepted, with the index of its request; on the calling thread.</param>
    /// <param name="cancellationToken">Looked at between tokens.</param>
    /// <exception cref="ArgumentException">A prompt is empty, too long for the model's context, or holds an id outside the vocabulary.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<int, int>? onToken = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        options = options with { StopIds = options.StopIds ?? model.Config.EosIds };
        if (options.StopTexts.Count > 0 && tokenizer is null)
            throw new ArgumentException("stop texts need a tokenizer: give one to the TextGenerator.", nameof(options));
        var answers = requests.Select((request, i) => Begin(request, i, options)).ToList();
        foreach (var chunk in answers.OrderBy(a => a.PromptLength).Chunk(Math.Max(1, MaxBatch)))
            Run(chunk, options, onToken, cancellationToken);
        return [.. answers.Select(a => a.Result)];
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

    private void Run(Answer[] answers, SamplingOptions options, Action<int, int>? onToken, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var quiet = inference_mode();
        using var scope = NewDisposeScope();
        var chooser = new BatchChooser(options, (int)model.Config.VocabularySize);
        using var batch = StartBatch(answers);
        var rows = answers.ToList();
        while (true)
        {
            using var step = NewDisposeScope();
            cancellationToken.ThrowIfCancellationRequested();
            var ids = chooser.Choose(batch.Logits, rows);
            for (var i = 0; i < rows.Count; i++)
            {
                if (!rows[i].IsFinished && rows[i].Add(ids[i], options))
                    onToken?.Invoke(rows[i].Index, ids[i]);
            }
            if (!DropFinished(ref rows, ref ids, batch))
                return;
            batch.Step(ids);
        }
    }

    /// <summary>Equal prompts are read once and then multiplied.</summary>
    private GenerationBatch StartBatch(Answer[] answers)
    {
        var unique = new Dictionary<string, int>(StringComparer.Ordinal);
        var prompts = new List<int[]>();
        var rows = new int[answers.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var prompt = answers[i].Prompt;
            var key = new string(System.Runtime.InteropServices.MemoryMarshal.Cast<int, char>(prompt));
            if (!unique.TryGetValue(key, out rows[i]))
            {
                unique.Add(key, rows[i] = prompts.Count);
                prompts.Add(prompt.ToArray());
            }
        }
        var batch = GenerationBatch.Start(model, prompts, answers.Max(a => a.Room));
        if (prompts.Count < rows.Length)
            batch.Keep(rows);
        return batch;
    }

    /// <summary>Takes finished rows out of the batch once they are a quarter of it. False when all are finished.</summary>
    private static bool DropFinished(ref List<Answer> rows, ref int[] ids, GenerationBatch batch)
    {
        var alive = rows.Index().Where(row => !row.Item.IsFinished).Select(row => row.Index).ToArray();
        if (alive.Length == 0)
            return false;
        if (4 * (rows.Count - alive.Length) < rows.Count)
            return true;
        batch.Keep(alive);
        var (all, chosen) = (rows, ids);
        (rows, ids) = ([.. alive.Select(i => all[i])], [.. alive.Select(i => chosen[i])]);
        return true;
    }
}
