using Vpo.Models.Llama;
using Vpo.Training.Passes;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Finds tokens, the same for every input, that make given completions likely under a model that stays as it is: the search of AutoPrompt (Shin et al., EMNLP 2020, arXiv 2010.15980, section 2.2).</summary>
/// <remarks>
/// A step takes one position, ranks the tokens for it by the gradient of one batch, tries the best of them on another, and exchanges the token when that lowers the loss there. Of all triggers on the way, the ones with the
/// lowest loss on the held examples are the result. AutoPrompt begins with mask tokens; a LLaMA has none, so the first triggers are drawn.
/// </remarks>
public sealed class TriggerSearch
{
    private readonly LlamaModel _model;
    private readonly TriggerSearchOptions _options;

    /// <summary>Nothing is computed yet.</summary>
    /// <param name="model">Not changed, and it gets no gradients; not disposed here.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ArgumentException">The model trains, has biases or low-rank factors on its head, or computes in another type than float32 and bfloat16.</exception>
    public TriggerSearch(LlamaModel model, TriggerSearchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _options) = (model, options ?? new());
        _options.Check();
        if (model.AllParameters.Any(p => p.Value.requires_grad))
            throw new ArgumentException("expected a model whose parameters require no gradient, found one that trains: a search for triggers changes no weight. Open it anew or copy it.", nameof(model));
        if (!PackedPart.Supports(model))
            throw new ArgumentException("expected a model without biases and without low-rank factors on its head that computes in float32 or bfloat16: others have no gradient for their input here.", nameof(model));
    }

    /// <summary>Searches.</summary>
    /// <param name="examples">At least one.</param>
    /// <param name="candidates">Ids that may become triggers, without special ones; at least one.</param>
    /// <param name="afterStep">Hears the number of steps done; may be null.</param>
    /// <param name="cancellationToken">Ends the search between two steps.</param>
    /// <exception cref="ArgumentException">There is no example or no candidate.</exception>
    public FoundTriggers Find(IReadOnlyList<TriggerExample> examples, IReadOnlyList<int> candidates, Action<int>? afterStep = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(candidates);
        if (examples.Count == 0 || candidates.Count == 0)
            throw new ArgumentException($"expected examples and candidates, found {examples.Count} and {candidates.Count}.");
        var random = new Random(ContentId.Seed(_options.Seed, "triggers"));
        TriggerExample[] shuffled = [.. examples];
        int[] pool = [.. candidates.Distinct()];
        random.Shuffle(shuffled);
        var held = shuffled[..Math.Max(1, Math.Min(_options.Held, shuffled.Length / 2))];
        var seen = shuffled.Length > held.Length ? shuffled[held.Length..] : shuffled;

        var current = random.GetItems(pool, _options.Count);
        var (before, best) = (Loss(held, current), current);
        var lowest = before;
        for (var step = 0; step < _options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (ranked, tried) = (random.GetItems(seen, _options.BatchSize), random.GetItems(seen, _options.BatchSize));
            if (Better(current, step % _options.Count, pool, ranked, tried) is { } next)
            {
                current = next;
                if (Loss(held, current) is var loss && loss < lowest)
                    (lowest, best) = (loss, current);
            }
            afterStep?.Invoke(step + 1);
        }
        return new(best, Loss(held, []), before, lowest);
    }

    /// <summary>The mean negative log-likelihood of a completion's token, in nats, with the triggers in their place.</summary>
    /// <param name="examples">At least one.</param>
    /// <param name="triggers">May be empty.</param>
    public double Loss(IReadOnlyList<TriggerExample> examples, IReadOnlyList<int> triggers)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var (sum, tokens) = (0.0, 0);
        foreach (var rows in examples.Chunk(_options.BatchSize))
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            using var batch = TokenBatch.Of([.. rows.Select(e => e.With(triggers))], _model.Device);
            using var scores = SequenceLogProbs.Of(_model, batch, new() { ForGradient = false });
            sum += SftLoss.Sum(scores.Tokens.detach()).item<float>();
            tokens += batch.TrainedTokens;
        }
        return sum / tokens;
    }

    /// <summary>The triggers with another token at a position, where one of the most promising lowers the loss; null where none does.</summary>
    private int[]? Better(int[] current, int position, int[] candidates, TriggerExample[] ranked, TriggerExample[] tried)
    {
        using var scope = NewDisposeScope();
        var gradient = TriggerGradient.At(_model, ranked, current, position);
        int[] others = [.. candidates.Where(id => id != current[position])];
        if (others.Length == 0)
            return null;
        var (best, lowest) = ((int[]?)null, Loss(tried, current));
        foreach (var id in TriggerGradient.Best(gradient, _model, others, _options.Candidates))
        {
            int[] next = [.. current];
            next[position] = id;
            if (Loss(tried, next) is var loss && loss < lowest)
                (best, lowest) = (next, loss);
        }
        return best;
    }
}
