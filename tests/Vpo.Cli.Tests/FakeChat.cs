using System.Net;
using System.Text;
using System.Text.Json;

namespace Vpo.Cli.Tests;

/// <summary>A chat completions server on the loopback that answers by a function of all that it is told, and counts its calls.</summary>
internal sealed class FakeChat : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly Func<string, string> _answer;
    private int _calls;

    public FakeChat(Func<string, string> answer)
    {
        _answer = answer;
        _server = new("v1/", AnswerAsync);
    }

    public string Address => _server.Address.ToString().TrimEnd('/');

    public int Calls => _calls;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream);
        var asked = JsonDocument.Parse(await reader.ReadToEndAsync()).RootElement;
        _calls++;
        var text = string.Join('\n', asked.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("content")).SelectMany(Texts));
        var reply = new { id = "x", @object = "chat.completion", created = 1, model = asked.GetProperty("model").GetString(), choices = new[] { new { index = 0, message = new { role = "assistant", content = _answer(text) }, finish_reason = "stop" } } };
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(reply)));
        context.Response.Close();
    }

    // Pictures are of another type.
    private static IEnumerable<string> Texts(JsonElement content) => content.ValueKind == JsonValueKind.String
        ? [content.GetString()!]
        : content.EnumerateArray().Select(part => part.TryGetProperty("text", out var text) ? text.GetString()! : $"<{part.GetProperty("type").GetString()}>");
}
