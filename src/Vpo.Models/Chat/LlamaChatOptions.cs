using Vpo.Models.Generation;

namespace Vpo.Models.Chat;

/// <summary>How a <see cref="LlamaChatClient"/> runs its model. By default it takes the likeliest token, and at most 512 new ones.</summary>
public sealed record LlamaChatOptions() : LlamaRunOptions(new SamplingOptions { Greedy = true, MaxNewTokens = 512 });
