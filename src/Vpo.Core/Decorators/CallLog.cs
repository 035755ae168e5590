using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Vpo;

/// <summary>Writes one call to a log: what it was, how long it took, how it ended.</summary>
internal sealed partial class CallLog(ILogger logger, TimeProvider time)
{
    internal static CallLog? From(IServiceProvider services, string category) => services.GetService<ILoggerFactory>() is { } factory
        ? new(factory.CreateLogger(category), services.GetService<TimeProvider>() ?? TimeProvider.System)
        : null;

    internal async Task<T> AroundAsync<T>(string verb, int items, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            var result = await call().ConfigureAwait(false);
            Done(verb, items, time.GetElapsedTime(start).TotalMilliseconds);
            Content(verb, result);
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Canceled(verb);
            throw;
        }
        catch (Exception e)
        {
            Failed(verb, e);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Verb} of {Items} done in {Milliseconds:0} ms")]
    private partial void Done(string verb, int items, double milliseconds);

    [LoggerMessage(LogLevel.Trace, "{Verb} gave {Result}")]
    private partial void Content(string verb, object? result);

    [LoggerMessage(LogLevel.Debug, "{Verb} canceled")]
    private partial void Canceled(string verb);

    [LoggerMessage(LogLevel.Warning, "{Verb} failed")]
    private partial void Failed(string verb, Exception exception);
}
