using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Vpo.Compare;

/// <summary>Who may come in. Without a token: only pages of this machine itself, whatever a foreign page or a foreign name that points here asks for.</summary>
/// <param name="token">What visitors must bring; null when none is needed.</param>
internal sealed class Access(string? token)
{
    private const string Name = "token";
    private static readonly string[] LocalNames = ["localhost", "127.0.0.1", "[::1]"];

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        if (token is null && !LocalNames.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
            await Refuse(response, StatusCodes.Status403Forbidden, "This server answers this machine alone, under the name localhost.");
        else if (HttpMethods.IsPost(request.Method) && request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}")
            await Refuse(response, StatusCodes.Status403Forbidden, "Requests of other pages are refused.");
        else if (token is null || Matches(request.Cookies[Name]))
            await next(context);
        else if (Matches(request.Query[Name]))
            Enter(response);
        else
            await Refuse(response, StatusCodes.Status401Unauthorized, "Open the address with the token that the server printed.");
    }

    private void Enter(HttpResponse response)
    {
        response.Cookies.Append(Name, token!, new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        response.Redirect("/");
    }

    private bool Matches(string? brought) => brought is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(brought), Encoding.UTF8.GetBytes(token!));

    private static Task Refuse(HttpResponse response, int status, string message)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(message);
    }
}
