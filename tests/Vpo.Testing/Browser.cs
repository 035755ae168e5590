using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using Xunit;

namespace Vpo.Testing;

/// <summary>A real browser: headless Chromium, driven by the DevTools protocol. Tests are skipped, by name, where there is none.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--remote-debugging-port=0", "about:blank",
    ];

    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private int _last;

    private Browser(Process process, DirectoryInfo profile) => (_process, _profile) = (process, profile);

    /// <summary>Starts one, with a profile of its own.</summary>
    public static async Task<Browser> StartAsync()
    {
        if (Programs.FirstOrDefault(File.Exists) is not { } program)
        {
            Assert.Skip("absent: Chromium");
            return null!;
        }
        var profile = Directory.CreateTempSubdirectory("vpo-browser-");
        var process = Process.Start(new ProcessStartInfo(program, [.. Flags, $"--user-data-dir={profile.FullName}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new Browser(process, profile);
        const string Said = "DevTools listening on ";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(Said, StringComparison.Ordinal))
                continue;
            _ = process.StandardError.ReadToEndAsync();
            await browser._socket.ConnectAsync(new(line[Said.Length..]), CancellationToken.None);
            _ = browser.ListenAsync();
            return browser;
        }
        await browser.DisposeAsync();
        throw new InvalidOperationException("Chromium ended before it listened");
    }

    /// <summary>Opens a page as a person of its own: no cookie and no storage is shared with other pages.</summary>
    public async Task<BrowserPage> OpenAsync(int width = 1200, int height = 900)
    {
        var context = (await SendAsync("Target.createBrowserContext", new { }, null)).GetProperty("browserContextId").GetString();
        var target = (await SendAsync("Target.createTarget", new { url = "about:blank", browserContextId = context, width, height }, null)).GetProperty("targetId").GetString();
        var session = (await SendAsync("Target.attachToTarget", new { targetId = target, flatten = true }, null)).GetProperty("sessionId").GetString()!;
        var page = new BrowserPage(this, session);
        await page.ResizeAsync(width, height);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        for (var attempt = 0; attempt < 10 && _profile.Exists; attempt++)
        {
            try
            {
                _profile.Delete(recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);   // its helpers end a little later
            }
            _profile.Refresh();
        }
    }

    internal async Task<JsonElement> SendAsync(string method, object parameters, string? session)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(session is null ? new { id, method, @params = parameters } : (object)new { id, method, @params = parameters, sessionId = session });
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (_socket.State == WebSocketState.Open)
            {
                var part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                Hear(JsonDocument.Parse(message.ToArray()).RootElement);
                message.SetLength(0);
            }
        }
        catch (Exception e)
        {
            foreach (var waiting in _asked.Values)
                waiting.TrySetException(e);
        }
    }

    private void Hear(JsonElement message)
    {
        if (!message.TryGetProperty("id", out var id) || !_asked.TryRemove(id.GetInt32(), out var asked))
            return;
        if (message.TryGetProperty("error", out var error))
            asked.SetException(new InvalidOperationException(error.GetRawText()));
        else
            asked.SetResult(message.GetProperty("result"));
    }
}
