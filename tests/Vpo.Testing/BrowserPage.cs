using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Vpo.Testing;

/// <summary>A page of a <see cref="Browser"/>.</summary>
public sealed class BrowserPage(Browser browser, string session)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, int> KeyCodes = new()
    {
        ["Tab"] = 9,
        ["Enter"] = 13,
        [" "] = 32,
        ["ArrowLeft"] = 37,
        ["ArrowRight"] = 39,
        ["ArrowDown"] = 40,
    };

    /// <summary>Goes to an address and waits until it is loaded.</summary>
    public async Task GoAsync(Uri address)
    {
        await browser.SendAsync("Page.navigate", new { url = address.AbsoluteUri }, session);
        await WaitAsync($"document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// <summary>The value of an expression, a promise awaited, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await browser.SendAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true }, session);
        if (answer.TryGetProperty("exceptionDetails", out var problem))
            throw new InvalidOperationException($"{expression}: {problem.GetRawText()}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.ToString() : "";
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitAsync(string expression)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            try
            {
                if (await EvaluateAsync($"Boolean({expression})") == "True")
                    return;
            }
            catch (InvalidOperationException)
            {
                // the page is being replaced
            }
            await Task.Delay(10);
        }
        throw new TimeoutException($"not within {Patience}: {expression}\n{await EvaluateAsync("document.body.innerText")}");
    }

    /// <summary>Presses and releases a key.</summary>
    public async Task PressAsync(string key)
    {
        var code = KeyCodes.GetValueOrDefault(key, char.ToUpperInvariant(key[0]));
        var text = key switch { "Enter" => "\r", { Length: 1 } => key, _ => "" };
        await browser.SendAsync("Input.dispatchKeyEvent", new { type = text.Length > 0 ? "keyDown" : "rawKeyDown", key, text, windowsVirtualKeyCode = code }, session);
        await browser.SendAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, windowsVirtualKeyCode = code }, session);
    }

    /// <summary>Types into what has the focus.</summary>
    public Task TypeAsync(string text) => browser.SendAsync("Input.insertText", new { text }, session);

    /// <summary>Clicks the middle of an element, where a finger or a mouse would.</summary>
    public async Task ClickAsync(string selector)
    {
        var at = JsonDocument.Parse(await EvaluateAsync($"(() => {{ const e = document.querySelector({JsonSerializer.Serialize(selector)}); e.scrollIntoView({{block: 'nearest'}}); const r = e.getBoundingClientRect(); return JSON.stringify([r.x + r.width / 2, r.y + r.height / 2]) }})()")).RootElement;
        var (x, y) = (at[0].GetDouble(), at[1].GetDouble());
        foreach (var type in new[] { "mousePressed", "mouseReleased" })
            await browser.SendAsync("Input.dispatchMouseEvent", new { type, x, y, button = "left", clickCount = 1 }, session);
    }

    /// <summary>Sets the size of the screen, also below the narrowest window.</summary>
    public Task ResizeAsync(int width, int height) =>
        browser.SendAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = width < 500 }, session);

    /// <summary>Sets a media feature, such as prefers-color-scheme.</summary>
    public Task EmulateAsync(string name, string value) => browser.SendAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name, value } } }, session);

    /// <summary>Attaches a picture of the page to the test; also writes it into the folder that VPO_SCREENSHOTS names.</summary>
    public async Task ScreenshotAsync(string name)
    {
        var png = Convert.FromBase64String((await browser.SendAsync("Page.captureScreenshot", new { format = "png" }, session)).GetProperty("data").GetString()!);
        TestContext.Current.AddAttachment(name, png, "image/png");
        if (Environment.GetEnvironmentVariable("VPO_SCREENSHOTS") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, name + ".png"), png);
    }
}
