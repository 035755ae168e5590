using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;

namespace Vpo.Video.Hosted;

/// <summary>The clients of hosted services: headers never logged, failures in passing repeated, but a submit only where it surely had no effect.</summary>
/// <remarks>Every request gets a connection of its own: one that the server has just given up would make a submit look lost.</remarks>
internal static class HostedHttp
{
    public static void Add<TOptions>(IServiceCollection services, string client, string name) where TOptions : HostedVideoOptions => services
        .AddHttpClient(client, http => http.Timeout = Timeout.InfiniteTimeSpan)
        .UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = TimeSpan.Zero)
        .RedactLoggedHeaders(_ => true)
        .AddResilienceHandler("vpo", (pipeline, context) =>
        {
            pipeline.TimeProvider = context.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System;
            Configure(pipeline, context.ServiceProvider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name));
        });

    private static void Configure(ResiliencePipelineBuilder<HttpResponseMessage> pipeline, HostedVideoOptions options)
    {
        if (options.Retries > 0)
        {
            pipeline.AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                MaxDelay = Backoff.Longest,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldRetryAfterHeader = true,
                ShouldHandle = attempt => ValueTask.FromResult(MayRepeat(attempt.Outcome, attempt.Context.GetRequestMessage()?.Method)),
            });
        }
        pipeline.AddTimeout(options.RequestTimeout);
    }

    /// <summary>429 and 503 say that nothing was done; after anything else a POST may have had its effect, and the caller looks before it sends again.</summary>
    private static bool MayRepeat(Outcome<HttpResponseMessage> outcome, HttpMethod? method)
    {
        if (outcome.Result?.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            return true;
        if (outcome.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError })
            return true;
        if (method is null || method == HttpMethod.Post)
            return false;
        return outcome.Exception is HttpRequestException or TimeoutRejectedException
            || outcome.Result?.StatusCode is HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;
    }
}
