using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Training.Track;

/// <summary>How well a prompt tells its query: the log-probability of the query, given the prompt, under a language model that training never changed.</summary>
/// <remarks>A judge that shares nothing with the atoms: it reads whole texts. Compare with another query's prompt, so that what makes a query likely by itself cancels.</remarks>
/// <param name="model">Without gradients; not disposed here.</param>
/// <param name="tokenizer">Of that model.</param>
/// <param name="template">How it wants a conversation written.</param>
public sealed class QueryLikelihood(LlamaModel model, ITokenizer tokenizer, ChatTemplate template)
{
    private const int Batch = 16, LongestRow = 1024;

    private static readonly InstructionTemplate Question = new("{query}\n\nSay in a few words what this video shows.");

    /// <summary>log p(query | prompt) divided by the query's tokens, in nats, for each of the given.</summary>
    /// <param name="prompts">Queries and prompts, in any combination; prompts that are too long lose their end.</param>
    /// <param name="cancellationToken">Looked at between batches.</param>
    public IReadOnlyList<double> NatsPerToken(IReadOnlyList<(string Query, string Prompt)> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var values = new List<double>(prompts.Count);
        foreach (var chunk in prompts.Chunk(Batch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            using var batch = TokenBatch.Of([.. chunk.Select(Row)], model.Device);
            using var scores = SequenceLogProbs.Of(model, batch, new() { ForGradient = false });
            values.AddRange(scores.RowSums().detach().cpu().data<float>().ToArray().Select((sum, i) => sum / (double)batch.TrainedPerRow[i]));
        }
        return values;
    }

    private TokenizedExample Row((string Query, string Prompt) given) =>
        new TokenizedExample([.. template.Encode([new("user", Question.Fill(given.Prompt))], tokenizer)], [.. tokenizer.Encode(given.Query)]).Truncate(LongestRow);
}
