using System.Threading.RateLimiting;
using Microsoft.Extensions.AI;

namespace Vpo;

/// <summary>Lets calls wait until a limiter has room for them.</summary>
internal sealed class LimitedChatClient(IChatClient inner, RateLimiter limiter) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var lease = await limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        if (!lease.IsAcquired)
            throw new InvalidOperationException("more calls are waiting for the chat model than its limiter's queue holds: ask for fewer at a time");
        return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            limiter.Dispose();
        base.Dispose(disposing);
    }
}
