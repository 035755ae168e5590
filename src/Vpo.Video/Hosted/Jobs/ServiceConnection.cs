using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.Timeout;

namespace Vpo.Video.Hosted;

/// <summary>Requests to one service: the key goes to its own host only, and is cut out of all that is quoted.</summary>
/// <param name="http">From the factory, with its resilience.</param>
/// <param name="options">Where and how.</param>
/// <param name="scheme">Of the Authorization header: "Bearer" or "Key".</param>
/// <param name="address">Null: the options' own.</param>
internal sealed class ServiceConnection(HttpClient http, HostedVideoOptions options, string scheme = "Bearer", Uri? address = null)
{
    private const int QuotedCharacters = 300;
    private readonly string? _key = options.Key;
    private readonly Uri _base = new((address ?? options.BaseAddress)!.ToString().TrimEnd('/') + "/");

    /// <summary>For reports.</summary>
    public string Host => _base.Authority;

    /// <summary>The same service at another of its hosts, which gets the key too.</summary>
    public ServiceConnection To(Uri other) => new(http, options, scheme, other);

    /// <summary>An address below the service's own; absolute ones are kept.</summary>
    /// <exception cref="ServiceException">The service told something that is no address of the web.</exception>
    public Uri At(string path) => Uri.TryCreate(_base, path, out var address) && address.Scheme is ("http" or "https")
        ? address
        : throw new ServiceException(ServiceFailure.Unclear, $"{Host}: expected an http or https address, found {Quote(path)}");

    /// <summary>Sends a request and reads the answer's JSON.</summary>
    /// <param name="request">Disposed here.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ServiceException">No usable answer.</exception>
    public async Task<JsonElement> JsonAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var place = Place(request);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } root
                ? root.Clone()
                : throw new ServiceException(ServiceFailure.Unclear, $"{place}: expected a JSON object, found {Quote(text)}");
        }
        catch (JsonException e)
        {
            throw new ServiceException(ServiceFailure.Unclear, $"{place}: expected JSON, found {Quote(text)}", e);
        }
    }

    /// <summary>Sends a request; the answer is a success.</summary>
    /// <exception cref="ServiceException">It was none, or did not come.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var sent = request;
        var place = Place(request);
        if (_key is not null && request.RequestUri!.Authority == _base.Authority && request.RequestUri.Scheme == _base.Scheme)
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, _key);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new ServiceException(NothingSent(e) ? ServiceFailure.Busy : ServiceFailure.Unclear, $"{place}: {Quote(e.Message)}", e);
        }
        catch (Exception e) when (e is TimeoutRejectedException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServiceException(ServiceFailure.Unclear, $"{place}: no answer within {options.RequestTimeout}", e);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await RefusalAsync(place, response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The beginning of a text, without the key.</summary>
    public string Quote(string text)
    {
        var clean = _key is { Length: > 0 } ? text.Replace(_key, "***", StringComparison.Ordinal) : text;
        return clean.Length <= QuotedCharacters ? clean : clean[..QuotedCharacters] + "...";
    }

    private async Task<ServiceException> RefusalAsync(string place, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            text = e.Message;
        }
        var advice = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? $" Check the key ({options.ApiKeyVariable})." : "";
        return new(ServiceException.Of(response.StatusCode), $"{place}: answered {(int)response.StatusCode} {response.ReasonPhrase}: {Quote(text)}{advice}") { Code = CodeIn(text) };
    }

    private static string? CodeIn(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Inside("error")?.Text("code") ?? json.RootElement.Text("code");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool NothingSent(HttpRequestException e) => e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError;

    /// <summary>Method and address without its query, which may hold a signature.</summary>
    private static string Place(HttpRequestMessage request) => $"{request.Method} {request.RequestUri!.GetLeftPart(UriPartial.Path)}";
}
