using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Vpo.Models.Tests.Hub;

/// <summary>What the server does wrong with the next request for a file.</summary>
internal enum Fault
{
    None,
    CutInTheMiddle,
    ServerError,
    IgnoresRange,
    OtherBytes,
    StandsStill,
}

/// <summary>A server on the loopback that speaks the hub's protocol for one repository: listing, files by range, a redirect of large files to a second address.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly HttpListener _listener = new();
    private readonly Task _loop;
    private readonly Dictionary<string, byte[]> _files;

    public FakeHub(Dictionary<string, byte[]> files)
    {
        _files = files;
        (Endpoint, Storage) = (new($"http://127.0.0.1:{LoopbackServer.FreePort()}/"), new($"http://localhost:{LoopbackServer.FreePort()}/"));
        _listener.Prefixes.Add(Endpoint.ToString());
        _listener.Prefixes.Add(Storage.ToString());
        _listener.Start();
        _loop = ServeAsync();
    }

    public Uri Endpoint { get; }

    /// <summary>Where large files are redirected to; another host in the eyes of a client.</summary>
    public Uri Storage { get; }

    public Queue<Fault> Faults { get; } = new();

    /// <summary>Path, range and authorization of every request.</summary>
    public List<(string Path, string? Range, string? Authorization)> Requests { get; } = [];

    /// <summary>When set, requests to the endpoint without it are refused.</summary>
    public string? Token { get; set; }

    /// <summary>Replaces the listing.</summary>
    public string? Listing { get; set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".gguf", StringComparison.Ordinal);

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var request = context.Request;
                lock (Requests)
                    Requests.Add((request.Url!.AbsolutePath, request.Headers["Range"], request.Headers["Authorization"]));
                _ = Task.Run(() => Answer(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            var (response, path) = (context.Response, Uri.UnescapeDataString(context.Request.Url!.AbsolutePath));
            var atStorage = context.Request.Url.Port == Storage.Port;
            if (!atStorage && Token is not null && context.Request.Headers["Authorization"] != "Bearer " + Token)
                End(response, 401);
            else if (path == "/api/models/owner/tiny/revision/main")
                Send(response, Encoding.UTF8.GetBytes(Listing ?? List()), 0, 200);
            else if (path.Split("/resolve/" + Commit + "/") is ["/owner/tiny", var name] && _files.TryGetValue(name, out var content))
                SendFile(context, name, content, atStorage);
            else
                End(response, 404);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
        }
    }

    private void SendFile(HttpListenerContext context, string name, byte[] content, bool atStorage)
    {
        if (!atStorage && IsLarge(name))
        {
            context.Response.RedirectLocation = new Uri(Storage, context.Request.Url!.AbsolutePath).ToString();
            End(context.Response, 302);
            return;
        }
        var fault = Faults.TryDequeue(out var next) ? next : Fault.None;
        var from = context.Request.Headers["Range"] is { } range && fault != Fault.IgnoresRange ? int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        if (fault == Fault.ServerError)
            End(context.Response, 503);
        else
            Send(context.Response, fault == Fault.OtherBytes ? [.. content.Reverse()] : content, from, from > 0 ? 206 : 200, fault);
    }

    private static void Send(HttpListenerResponse response, byte[] content, int from, int status, Fault fault = Fault.None)
    {
        response.StatusCode = status;
        if (status == 206)
            response.AddHeader("Content-Range", $"bytes {from}-{content.Length - 1}/{content.Length}");
        response.ContentLength64 = content.Length - from;
        var part = content.AsSpan(from);
        if (fault is Fault.CutInTheMiddle or Fault.StandsStill)
        {
            response.OutputStream.Write(part[..(part.Length / 2)]);
            response.OutputStream.Flush();
            if (fault == Fault.CutInTheMiddle)
                response.Abort();
            return;
        }
        response.OutputStream.Write(part);
        response.Close();
    }

    private static void End(HttpListenerResponse response, int status)
    {
        response.StatusCode = status;
        response.Close();
    }

    private string List() => JsonSerializer.Serialize(new
    {
        sha = Commit,
        siblings = _files.Select(file => new
        {
            rfilename = file.Key,
            size = file.Value.Length,
            blobId = GitBlob(file.Value),
            lfs = IsLarge(file.Key) ? new { sha256 = Convert.ToHexStringLower(SHA256.HashData(file.Value)), size = file.Value.Length } : null,
        }),
    });

    private static string GitBlob(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
