using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Vpo;

/// <summary>Makes a call again when it fails or its answer is not accepted. Streams are passed through: what was handed out can't be taken back.</summary>
internal sealed class RetryingChatClient(IChatClient inner, CallOptions options, TimeProvider time) : DelegatingChatClient(inner)
{
    private readonly ResiliencePipeline<ChatResponse> _pipeline = new ResiliencePipelineBuilder<ChatResponse> { TimeProvider = time }.AddRetry(new RetryStrategyOptions<ChatResponse>
    {
        MaxRetryAttempts = Math.Max(1, options.Retries),
        Delay = options.FirstDelay,
        MaxDelay = options.LongestDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = arguments => ValueTask.FromResult(options.Retries > 0 && (arguments.Outcome.Exception is { } failure ? CallFailures.MayPass(failure, arguments.Context.CancellationToken) : !options.IsAccepted(arguments.Outcome.Result!))),
        DelayGenerator = arguments => ValueTask.FromResult(Wait(arguments.Outcome.Exception, options, time)),
    }).Build();

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        List<ChatMessage> all = [.. messages];
        return await _pipeline.ExecuteAsync(async token => await base.GetResponseAsync(all, options, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan? Wait(Exception? failure, CallOptions options, TimeProvider time)
    {
        var asked = failure is BrokenCircuitException broken ? broken.RetryAfter : CallFailures.RetryAfter(failure, time);
        return asked > options.LongestDelay ? options.LongestDelay : asked;
    }
}

/// <summary>Gives up an attempt after some time, and leaves a service alone that fails too often.</summary>
internal sealed class GuardedChatClient(IChatClient inner, CallOptions options, TimeProvider time) : DelegatingChatClient(inner)
{
    private readonly ResiliencePipeline<ChatResponse> _pipeline = Build(options, time);

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await _pipeline.ExecuteAsync(async token => await base.GetResponseAsync(messages, options, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private static ResiliencePipeline<ChatResponse> Build(CallOptions options, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<ChatResponse> { TimeProvider = time };
        if (options.BreakRatio is { } ratio)
        {
            builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<ChatResponse>
            {
                FailureRatio = ratio,
                MinimumThroughput = options.BreakAfter,
                BreakDuration = options.BreakDuration,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } failure && CallFailures.MayPass(failure, arguments.Context.CancellationToken)),
            });
        }
        return builder.AddTimeout(new TimeoutStrategyOptions { Timeout = options.Timeout }).Build();
    }
}
