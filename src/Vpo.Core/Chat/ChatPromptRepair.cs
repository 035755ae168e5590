using Microsoft.Extensions.AI;
using Vpo.Atoms;

namespace Vpo;

/// <summary>Mends a prompt through a chat model, one sentence a call: only sentences that lost something are rewritten, and a rewrite is taken only when it puts back what failed and loses nothing.</summary>
/// <remarks>What the model does not mend is mended offline, as <see cref="PromptRepair"/> does. The client is not disposed.</remarks>
/// <param name="client">The chat model.</param>
/// <param name="instruction">Null: <see cref="ChatTemplates.Repair"/>.</param>
public sealed class ChatPromptRepair(IChatClient client, string? instruction = null)
{
    private readonly IChatClient _client = client ?? throw new ArgumentNullException(nameof(client));

    /// <summary>Mends a prompt.</summary>
    public async Task<RepairedPrompt> MendAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        var atoms = QueryAtoms.Extract(query);
        var plan = RepairPlan.Make(atoms, prompt);
        var pieces = plan.Pieces.ToArray();
        foreach (var (at, failed) in plan.Failed)
        {
            var written = await RewriteAsync(pieces[at], failed, cancellationToken).ConfigureAwait(false);
            var candidate = pieces.ToArray();
            candidate[at] = RepairPlan.InPlaceOf(pieces[at], written);
            if (RepairPlan.IsBetter(atoms, string.Concat(pieces), string.Concat(candidate), failed))
                pieces = candidate;
        }
        var mended = PromptRepair.Mend(atoms, pieces);
        return mended with { Sentences = [.. Enumerable.Range(0, pieces.Length).Where(i => plan.Pieces[i] != pieces[i]).Union(mended.Sentences).Order()] };
    }

    private async Task<string> RewriteAsync(string sentence, IReadOnlyList<AtomResult> failed, CancellationToken cancellationToken)
    {
        var list = string.Join('\n', failed.Select(f => f.Atom.Kind == AtomKind.Negative ? $"must not show: {f.Atom.Name}" : $"must show ({f.Atom.Kind.ToString().ToLowerInvariant()}): {f.Atom.Text}"));
        var mark = Fence.For(sentence, list);
        var data = $"{Fence.Around("Sentence", sentence.Trim(), mark)}\n\n{Fence.Around("List", list, mark)}";
        var reply = await _client.GetResponseAsync(
            [new(ChatRole.System, instruction ?? ChatTemplates.Repair), new(ChatRole.User, data)],
            new() { Temperature = 0, Seed = ContentId.Seed(0, "repair", sentence, list) },
            cancellationToken).ConfigureAwait(false);
        return AnswerCleaning.Read(reply.Text).Prompt ?? "";
    }
}
