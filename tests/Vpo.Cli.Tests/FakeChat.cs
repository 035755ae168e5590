using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary>A chat completions server on the loopback that answers by a function of all that it is told, and counts its calls.</summary>
internal sealed class FakeChat : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<string, string> _answer;
    private readonly Task _loop;
    private int _calls;

    public FakeChat(Func<string, string> answer)
    {
        _answer = answer;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1";
        }
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = ServeAsync();
    }

    public string Address { get; }

    public int Calls => _calls;

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
                var asked = JsonDocument.Parse(await reader.ReadToEndAsync()).RootElement;
                _calls++;
                var text = string.Join('\n', asked.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content")).SelectMany(Texts));
                var reply = new { id = "x", @object = "chat.completion", created = 1, model = asked.GetProperty("model").GetString(), choices = new[] { new { index = 0, message = new { role = "assistant", content = _answer(text) }, finish_reason = "stop" } } };
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(reply)));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                if (!_listener.IsListening)
                    return;   // else a client that went away
            }
        }
    }

    // Pictures are of another type.
    private static IEnumerable<string> Texts(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? [content.GetString()!]
        : content.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString()! : $"<{part.GetProperty("type").GetString()}>");
}
