using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Vpo.Core.Tests.Chat;

/// <summary>A local server that speaks the OpenAI protocol and fails a share of its calls in one of seven ways; time-outs are rarer, since they cost the tests their time.</summary>
internal sealed class JudgeServer : IDisposable
{
    internal const string Model = "judge-1";
    internal const int Tokens = 100;

    private const string TimeOut = "time-out";

    private static readonly string[] Ways = ["429", "500", TimeOut, "cut", "empty", "garbage", "refusal"];

    private readonly HttpListener _listener = new();
    private readonly double _failing;
    private readonly Random _random;
    private readonly Lock _gate = new();

    internal JudgeServer(double failing, int seed)
    {
        (_failing, _random, Port) = (failing, new(seed), LoopbackServer.FreePort());
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port { get; }

    internal Uri Endpoint => new($"http://127.0.0.1:{Port}/v1");

    /// <summary>How often each thing happened; "ok" for good answers.</summary>
    internal ConcurrentDictionary<string, int> Counts { get; } = new();

    /// <summary>Answers that were sent whole, with their usage.</summary>
    internal int Charged => Counts.Where(c => c.Key is "ok" or "empty" or "garbage" or "refusal").Sum(c => c.Value);

    /// <summary>The verdict that this server gives on a query, whatever else happens.</summary>
    internal static AlignmentClass VerdictOn(string query) => (AlignmentClass)(ContentId.Seed(0, query) % 4);

    public void Dispose() => _listener.Abort();

    private async Task AcceptAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var request = await JsonDocument.ParseAsync(context.Request.InputStream);
            var user = request.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
            var text = user.ValueKind == JsonValueKind.String ? user.GetString()! : user.EnumerateArray().First().GetProperty("text").GetString()!;
            var way = NextWay();
            Counts.AddOrUpdate(way, 1, (_, n) => n + 1);
            await AnswerAsync(context.Response, way, text.Split('\n')[2]);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            context.Response.Abort();
        }
    }

    private string NextWay()
    {
        lock (_gate)
            return _random.NextDouble() >= _failing ? "ok" : Ways[_random.Next(Ways.Length)] is var way && way == TimeOut && _random.Next(3) > 0 ? "500" : way;
    }

    private static async Task AnswerAsync(HttpListenerResponse response, string way, string query)
    {
        var good = Reply($"I went through the principles for: {query}\nVERDICT: {VerdictOn(query).ToString().ToUpperInvariant()}");
        switch (way)
        {
            case "429":
                response.Headers["Retry-After"] = "0.01";
                await SendAsync(response, 429, """{"error":{"message":"slow down"}}""");
                break;
            case "500":
                await SendAsync(response, 500, "<html>oops</html>");
                break;
            case TimeOut:
                await Task.Delay(4000);
                response.Abort();
                break;
            case "cut":
                response.ContentLength64 = Encoding.UTF8.GetByteCount(good);
                await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(good).AsMemory(0, 40));
                await response.OutputStream.FlushAsync();
                response.Abort();
                break;
            default:
                await SendAsync(response, 200, way switch { "empty" => Reply(""), "garbage" => Reply("lorem ipsum 0x00 VERDICT? ALIGNED"), "refusal" => Reply("I'm sorry, I can't assist with that."), _ => good });
                break;
        }
    }

    private static string Reply(string text) => JsonSerializer.Serialize(new
    {
        id = "chatcmpl-1",
        @object = "chat.completion",
        created = 1_700_000_000,
        model = Model,
        choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = text } } },
        usage = new { prompt_tokens = Tokens, completion_tokens = Tokens / 10, total_tokens = Tokens + (Tokens / 10) },
    });

    private static async Task SendAsync(HttpListenerResponse response, int status, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        (response.StatusCode, response.ContentType, response.ContentLength64) = (status, "application/json", bytes.Length);
        await response.OutputStream.WriteAsync(bytes);
        response.Close();
    }
}
