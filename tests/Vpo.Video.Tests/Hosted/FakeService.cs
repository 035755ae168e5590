using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Vpo.Video.Tests.Hosted;

internal enum Verb
{
    Submit,
    Poll,
    Download,
    Search,
    Cancel,
    Other,
}

internal enum Fault
{
    None,
    Slow,
    TooMany,
    Unavailable,
    ServerError,
    BadGateway,
    Garbage,

    /// <summary>401 that quotes the key.</summary>
    Unauthorized,

    /// <summary>The connection ends before anything was done.</summary>
    DropBefore,

    /// <summary>It is done, but the answer never arrives.</summary>
    DropAfter,
    FailedJob,
    Expired,

    /// <summary>The connection ends in the middle of the clip.</summary>
    TornDownload,

    /// <summary>Half a clip, and the announced length is that of the half.</summary>
    ShortDownload,
}

internal sealed record FakeRequest(string Method, string Path, string Query, string Body, string? Authorization, string? ContentType, string? IdempotencyKey);

internal sealed class FakeJob(string id, string prompt, string body, bool fails)
{
    public string Id { get; } = id;
    public string Prompt { get; } = prompt;
    public string Body { get; } = body;
    public bool Fails { get; } = fails;
    public DateTimeOffset Created { get; } = DateTimeOffset.UnixEpoch.AddSeconds(Environment.TickCount64 / 1000);
    public int Polls { get; set; }
    public bool IsCanceled { get; set; }
    public int PollsNeeded { get; init; }
    public bool IsDone => !IsCanceled && Polls > PollsNeeded;
    public byte[] Clip => TinyMp4.Of(Prompt + " by " + Id);
}

/// <summary>An HTTP server on the loopback that makes clips of texts, with faults. What a provider's answers look like is said by its subclass.</summary>
internal abstract class FakeService : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly Lock _lock = new();
    private int _count;

    protected FakeService() => _server = new("", context =>
    {
        _ = Task.Run(() => AnswerAsync(context));   // several at a time
        return Task.CompletedTask;
    });

    public Uri Address => _server.Address;
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();
    public ConcurrentDictionary<string, FakeJob> Jobs { get; } = new();

    /// <summary>Which fault the next request of a kind meets.</summary>
    public Func<Verb, Fault> NextFault { get; set; } = _ => Fault.None;

    public int PollsNeeded { get; init; } = 2;

    /// <summary>What a 401 quotes.</summary>
    public string Echo { get; set; } = "";

    /// <summary>Jobs that made a clip: what a service would charge.</summary>
    public ILookup<string, FakeJob> Paid => Jobs.Values.Where(job => job is { Fails: false, IsCanceled: false }).ToLookup(job => job.Prompt);

    public int CountOf(Verb verb) => Requests.Count(request => Route(request).Verb == verb);

    /// <summary>What a request is about, and the id in it.</summary>
    protected abstract (Verb Verb, string? Id) Route(FakeRequest request);

    protected abstract string PromptOf(FakeRequest request);

    protected virtual string NewId(FakeRequest request, int number) => $"job-{number}";

    protected abstract string Submitted(FakeJob job);

    protected abstract string Polled(FakeJob job, FakeRequest request);

    protected virtual string Found() => "{}";

    protected virtual string Other(FakeRequest request) => "{}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var (from, headers) = (context.Request, context.Request.Headers);
            using var reader = new StreamReader(from.InputStream, Encoding.UTF8);
            var request = new FakeRequest(from.HttpMethod, from.Url!.AbsolutePath, from.Url.Query, await reader.ReadToEndAsync(), headers["Authorization"], from.ContentType, headers["Idempotency-Key"]);
            Requests.Enqueue(request);
            var (verb, id) = Route(request);
            Fault fault;
            (int, byte[])? answer;
            lock (_lock)
            {
                fault = NextFault(verb);
                answer = fault is Fault.None or Fault.Slow or Fault.DropAfter or Fault.FailedJob or Fault.TornDownload or Fault.ShortDownload ? Do(request, verb, id, fault) : null;
            }
            await SendAsync(context.Response, fault, answer);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The caller has gone.
        }
    }

    private (int Status, byte[] Body) Do(FakeRequest request, Verb verb, string? id, Fault fault)
    {
        if (verb == Verb.Submit)
        {
            var made = new FakeJob(NewId(request, ++_count), PromptOf(request), request.Body, fault == Fault.FailedJob) { PollsNeeded = PollsNeeded };
            return (200, Encoding.UTF8.GetBytes(Submitted(Jobs[made.Id] = made)));
        }
        var job = id is null ? null : Jobs.GetValueOrDefault(id);
        if (verb == Verb.Search || verb == Verb.Other)
            return (200, Encoding.UTF8.GetBytes(verb == Verb.Search ? Found() : Other(request)));
        if (job is null)
            return Unknown(verb);
        if (verb == Verb.Cancel)
            job.IsCanceled = true;
        if (verb == Verb.Poll)
            job.Polls++;
        return (200, verb == Verb.Download ? job.Clip : Encoding.UTF8.GetBytes(Polled(job, request)));
    }

    protected virtual (int Status, byte[] Body) Unknown(Verb verb) => (404, "{\"error\":{\"message\":\"no such job\"}}"u8.ToArray());

    private async Task SendAsync(HttpListenerResponse response, Fault fault, (int Status, byte[] Body)? answer)
    {
        if (fault is Fault.DropBefore or Fault.DropAfter)
        {
            response.Abort();
            return;
        }
        if (fault == Fault.Slow)
            await Task.Delay(40);
        var (status, body) = answer ?? fault switch
        {
            Fault.TooMany => (429, "{\"error\":{\"message\":\"slow down\"}}"u8.ToArray()),
            Fault.Unavailable => (503, "busy"u8.ToArray()),
            Fault.Unauthorized => (401, Encoding.UTF8.GetBytes("{\"error\":{\"message\":\"Incorrect API key provided: " + Echo + "\",\"code\":\"invalid_api_key\"}}")),
            Fault.ServerError => (500, "oops"u8.ToArray()),
            Fault.BadGateway => (502, "<html>bad gateway</html>"u8.ToArray()),
            Fault.Expired => (403, "<Error>Request has expired</Error>"u8.ToArray()),
            _ => (200, "<html>maintenance</html>"u8.ToArray()),
        };
        response.StatusCode = status;
        if (fault == Fault.TooMany)
            response.AddHeader("Retry-After", "1");
        response.ContentLength64 = fault == Fault.ShortDownload ? body.Length / 2 : body.Length;
        await response.OutputStream.WriteAsync(fault is Fault.ShortDownload or Fault.TornDownload ? body.AsMemory(0, body.Length / 2) : body);
        if (fault == Fault.TornDownload)
        {
            await response.OutputStream.FlushAsync();
            response.Abort();
        }
        else
        {
            response.Close();
        }
    }
}
