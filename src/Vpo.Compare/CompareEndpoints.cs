using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Vpo.Comparisons;

namespace Vpo.Compare;

/// <summary>The page and what it asks for.</summary>
internal sealed class CompareEndpoints(Ballot ballot, Tickets tickets, string question, TimeProvider time)
{
    private const int LongestName = 40;

    private static readonly Dictionary<string, string> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png",
        [".apng"] = "image/apng",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".mp4"] = "video/mp4",
        [".webm"] = "video/webm",
        [".mov"] = "video/quicktime",
    };

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/", context => Send(context, "index.html", "text/html"));
        app.MapGet("/style.css", context => Send(context, "style.css", "text/css"));
        app.MapGet("/app.js", context => Send(context, "app.js", "text/javascript"));
        app.MapGet("/icon.svg", context => Send(context, "icon.svg", "image/svg+xml"));
        app.MapGet("/clip/{side}", Clip);
        app.MapPost("/api/next", Next);
        app.MapPost("/api/vote", Cast);
    }

    private async Task Next(HttpContext context)
    {
        var request = await Read<NextRequest>(context);
        if (request is not null && NameOf(request.Annotator) is { } name)
            await Reply(context, name, request.Skip);
        else
            await Refuse(context, StatusCodes.Status400BadRequest, $"Please give a name of 1 to {LongestName} letters, digits, spaces, dots or dashes.");
    }

    private async Task Cast(HttpContext context)
    {
        var request = await Read<VoteRequest>(context);
        if (request?.Choice is not { } choice || !Enum.IsDefined(choice))
            await Refuse(context, StatusCodes.Status400BadRequest, "Expected a ticket and one of left, tie, right.");
        else if (tickets.Open(request.Ticket) is not { } ticket)
            await Refuse(context, StatusCodes.Status403Forbidden, "This vote was not made on a page of this server.");
        else
            await Cast(context, ticket, choice, request.Skip);
    }

    private async Task Cast(HttpContext context, Ticket ticket, Choice choice, int skip)
    {
        switch (ballot.Add(ticket, choice, time.GetUtcNow()))
        {
            case Vpo.Compare.Cast.Kept:
                await Reply(context, ticket.Annotator, skip);
                break;
            case Vpo.Compare.Cast.Repeated:
                await Refuse(context, StatusCodes.Status409Conflict, "You have voted on this pair already.");
                break;
            default:
                await Refuse(context, StatusCodes.Status410Gone, "This pair is no longer compared here.");
                break;
        }
    }

    private Task Reply(HttpContext context, string annotator, int skip)
    {
        var (done, pair, swapped) = ballot.Next(annotator, Math.Max(0, skip));
        if (pair is null)
            return Send(context, new NextReply(done, ballot.Total, question));
        var ticket = tickets.Seal(new(annotator, pair.Id, swapped, time.GetUtcNow().ToUnixTimeMilliseconds()));
        return Send(context, new NextReply(done, ballot.Total, question, pair.Query, ticket, [IsVideo(Side(pair, left: true, swapped)), IsVideo(Side(pair, left: false, swapped))]));
    }

    private async Task Clip(HttpContext context)
    {
        var side = context.GetRouteValue("side") as string;
        if (side is not ("left" or "right") || tickets.Open(context.Request.Query["ticket"]) is not { } ticket || ballot.Find(ticket.Pair) is not { } pair)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var path = Side(pair, side == "left", ticket.Swapped).Path;
        // A stream of no name and no date: nothing of the file but its pixels reaches the page.
        await Results.Stream(File.OpenRead(path), Types[Path.GetExtension(path)], enableRangeProcessing: true).ExecuteAsync(context);
    }

    private static ComparedClip Side(ComparisonPair pair, bool left, bool swapped) => left == swapped ? pair.Second : pair.First;

    private static bool IsVideo(ComparedClip clip) => Types[Path.GetExtension(clip.Path)].StartsWith("video/", StringComparison.Ordinal);

    private static string? NameOf(string? text)
    {
        var name = text?.Trim() ?? "";
        return name.Length is > 0 and <= LongestName && name.All(c => char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark || c is ' ' or '.' or '-' or '_' or '\'') ? name : null;
    }

    private static async Task<T?> Read<T>(HttpContext context) where T : class
    {
        try
        {
            return context.Request.HasJsonContentType() ? (T?)await context.Request.ReadFromJsonAsync(typeof(T), CompareJson.Default, context.RequestAborted) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task Send<T>(HttpContext context, T value) => context.Response.WriteAsJsonAsync(value, typeof(T), CompareJson.Default, contentType: null, context.RequestAborted);

    private static Task Refuse(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return Send(context, new Refusal(message));
    }

    private static async Task Send(HttpContext context, string resource, string type)
    {
        context.Response.ContentType = type + "; charset=utf-8";
        await using var stream = typeof(CompareEndpoints).Assembly.GetManifestResourceStream(resource)!;
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
