using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vpo.Rewards.Tests.Remote;

/// <summary>An HTTP server on the loopback that answers each post with the next status and body, the last one for ever.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;
    private readonly (int Status, string Body)[] _answers;

    public LocalServer(params (int Status, string Body)[] answers)
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/score/");
        }
        _answers = answers;
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _loop = ServeAsync();
    }

    public Uri Address { get; }
    public List<string> Bodies { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Bodies.Add(await reader.ReadToEndAsync());
                var (status, body) = _answers[Math.Min(Bodies.Count, _answers.Length) - 1];
                if (status == 0)
                    continue;   // never answered
                context.Response.StatusCode = status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
