using Microsoft.Extensions.AI;

namespace Vpo.Rewards.Tests.Remote;

/// <summary>A chat client that answers by a function of the last text part, and remembers what it was sent.</summary>
internal sealed class FakeVision(Func<string, string> answer) : IChatClient
{
    public List<(IList<ChatMessage> Messages, ChatOptions? Options)> Calls { get; } = [];

    /// <summary>What a provider passes through.</summary>
    public object? Raw { get; init; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var list = messages.ToList();
        lock (Calls)
            Calls.Add((list, options));
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer(list[^1].Contents.OfType<TextContent>().Last().Text))) { RawRepresentation = Raw });
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
