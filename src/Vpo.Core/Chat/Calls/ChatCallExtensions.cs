using System.Threading.RateLimiting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;

namespace Vpo;

/// <summary>Verbs on <see cref="ChatClientBuilder"/> that keep many calls going: each is a decorator of its own, and <see cref="UseRobustCalls"/> puts all of them in their order.</summary>
/// <remarks>Clients that retry by themselves, such as OpenAI's, should be told not to (<c>RetryPolicy = new ClientRetryPolicy(0)</c>): their attempts would escape ledger and limits.</remarks>
public static class ChatCallExtensions
{
    /// <summary>From the outside: kept answers, retries, most calls at a time, most attempts a minute, circuit breaker and time-out, GenAI traces and metrics (OpenTelemetry), ledger.</summary>
    /// <param name="builder">The client's decorators.</param>
    /// <param name="options">Null: defaults.</param>
    public static ChatClientBuilder UseRobustCalls(this ChatClientBuilder builder, CallOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        if (options.CacheFolder is { } folder)
            builder.UseResponseCache(new FileCache(folder), options);
        builder.UseRetries(options).UseConcurrencyLimit(options.Concurrency);
        if (options.PerMinute is { } most)
            builder.UseRateLimit(most);
        builder.UseGuard(options).UseOpenTelemetry();
        return options.Ledger is { } ledger ? builder.UseLedger(ledger, options.Stage) : builder;
    }

    /// <summary>Makes calls again that failed or whose answer is not accepted: exponential delays with jitter, Retry-After first. An answer that is never accepted is handed out in the end; a failure that stays is thrown.</summary>
    public static ChatClientBuilder UseRetries(this ChatClientBuilder builder, CallOptions? options = null) =>
        Checked(builder).Use((inner, services) => new RetryingChatClient(inner, options ?? new(), Time(services)));

    /// <summary>Ends attempts that take too long, and leaves a service alone for a while that fails nearly always.</summary>
    public static ChatClientBuilder UseGuard(this ChatClientBuilder builder, CallOptions? options = null) =>
        Checked(builder).Use((inner, services) => new GuardedChatClient(inner, options ?? new(), Time(services)));

    /// <summary>Lets so many calls run at a time; others wait in their order.</summary>
    public static ChatClientBuilder UseConcurrencyLimit(this ChatClientBuilder builder, int most) =>
        Checked(builder).Use(inner => new LimitedChatClient(inner, new ConcurrencyLimiter(new() { PermitLimit = most, QueueLimit = int.MaxValue })));

    /// <summary>Lets so many attempts begin in a minute, evenly; others wait in their order.</summary>
    public static ChatClientBuilder UseRateLimit(this ChatClientBuilder builder, int perMinute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perMinute, 1);
        return Checked(builder).Use(inner => new LimitedChatClient(inner, new TokenBucketRateLimiter(new()
        {
            TokenLimit = Math.Max(1, perMinute / 60),
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) / perMinute,
            QueueLimit = int.MaxValue,
        })));
    }

    /// <summary>Counts tokens and costs of each attempt for a stage.</summary>
    public static ChatClientBuilder UseLedger(this ChatClientBuilder builder, CostLedger ledger, string stage)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentException.ThrowIfNullOrEmpty(stage);
        return Checked(builder).Use(inner => new CountingChatClient(inner, ledger, stage));
    }

    /// <summary>Answers a request that was made before (same messages, same options, seed included) from a cache. Only accepted answers are kept.</summary>
    /// <param name="builder">The client's decorators.</param>
    /// <param name="cache">Null: the container's. A <see cref="FileCache"/> lasts over restarts.</param>
    /// <param name="options">Says which answers are accepted; null: defaults.</param>
    public static ChatClientBuilder UseResponseCache(this ChatClientBuilder builder, IDistributedCache? cache = null, CallOptions? options = null) =>
        Checked(builder).Use((inner, services) => new KeepingChatClient(inner, cache ?? services.GetRequiredService<IDistributedCache>(), options ?? new()));

    private static TimeProvider Time(IServiceProvider services) => services.GetService<TimeProvider>() ?? TimeProvider.System;

    private static ChatClientBuilder Checked(ChatClientBuilder builder) => builder ?? throw new ArgumentNullException(nameof(builder));
}
