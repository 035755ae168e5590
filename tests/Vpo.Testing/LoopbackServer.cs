using System.Net;
using System.Net.Sockets;

namespace Vpo.Testing;

/// <summary>An HTTP server on a free port of the loopback. What it answers is the caller's.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;

    /// <summary>Starts it.</summary>
    /// <param name="path">What the address ends with, without a slash at its start; "" or with one at its end.</param>
    /// <param name="answer">Answers a request; the next one is taken when it returns. A client that went away meanwhile does no harm.</param>
    public LoopbackServer(string path, Func<HttpListenerContext, Task> answer)
    {
        Address = new($"http://127.0.0.1:{FreePort()}/{path}");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _loop = ServeAsync(answer);
    }

    /// <summary>Of the server and the path.</summary>
    public Uri Address { get; }

    /// <summary>A port at which nobody listens now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Closes the port and waits for the answer that is being given.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private async Task ServeAsync(Func<HttpListenerContext, Task> answer)
    {
        while (true)
        {
            try
            {
                await answer(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                if (!_listener.IsListening)
                    return;
            }
        }
    }
}
