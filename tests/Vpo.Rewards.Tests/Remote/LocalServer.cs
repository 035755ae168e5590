using System.Net;
using System.Text;

namespace Vpo.Rewards.Tests.Remote;

/// <summary>An HTTP server on the loopback that answers each post with the next status and body, the last one for ever.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly (int Status, string Body)[] _answers;

    public LocalServer(params (int Status, string Body)[] answers)
    {
        _answers = answers;
        _server = new("score/", AnswerAsync);
    }

    public Uri Address => _server.Address;
    public List<string> Bodies { get; } = [];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        Bodies.Add(await reader.ReadToEndAsync());
        var (status, body) = _answers[Math.Min(Bodies.Count, _answers.Length) - 1];
        if (status == 0)
            return;   // never answered
        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }
}
