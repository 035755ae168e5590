using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>Writes each attempt into a ledger. Belongs next to the service, inside the retries.</summary>
internal sealed class CountingChatClient(IChatClient inner, CostLedger ledger, string stage) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        try
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
            Count(response);
            return response;
        }
        catch (Exception e)
        {
            ledger.Add(new(stage, null, 0, 0, e.GetType().Name));
            throw;
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            yield return update;
        }
        Count(updates.ToChatResponse());
    }

    private void Count(ChatResponse response) =>
        ledger.Add(new(stage, response.ModelId, response.Usage?.InputTokenCount ?? 0, response.Usage?.OutputTokenCount ?? 0, null));
}
