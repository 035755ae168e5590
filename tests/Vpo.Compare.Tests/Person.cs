namespace Vpo.Compare.Tests;

/// <summary>What a person does on the page.</summary>
internal static class Person
{
    /// <summary>Waits until the pair after so many votes can be seen and voted on.</summary>
    public static Task ShownAsync(BrowserPage page, int done) => page.WaitAsync(
        $"!document.getElementById('work').hidden && document.getElementById('progress').value === {done} && document.querySelector('#choices button').getAttribute('aria-disabled') === 'false'");

    /// <summary>Looks at the left clip's pixels.</summary>
    public static async Task<bool> RedIsLeftAsync(BrowserPage page) => await page.EvaluateAsync("""
        (() => { const c = document.createElement('canvas').getContext('2d'); c.drawImage(document.querySelector('#left img'), 0, 0); const [r, , b] = c.getImageData(40, 5, 1, 1).data; return r > b })()
        """) == "True";
}
