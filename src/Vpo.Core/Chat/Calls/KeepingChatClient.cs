using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;

namespace Vpo;

/// <summary>Answers a request that was made before from what was kept, but keeps only answers that were accepted.</summary>
internal sealed class KeepingChatClient(IChatClient inner, IDistributedCache cache, CallOptions options) : DistributedCachingChatClient(inner, cache)
{
    protected override Task WriteCacheAsync(string key, ChatResponse value, CancellationToken cancellationToken) =>
        options.IsAccepted(value) ? base.WriteCacheAsync(key, value, cancellationToken) : Task.CompletedTask;
}
