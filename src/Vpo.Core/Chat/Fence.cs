namespace Vpo;

/// <summary>Marks that text given as data can't contain: they are made from the text itself.</summary>
internal static class Fence
{
    /// <summary>A block of data for a message: a label, the mark, the text, the mark.</summary>
    internal static string Around(string label, string text, string mark) => $"{label}:\n[{mark}]\n{text}\n[{mark}]";

    /// <summary>A mark that occurs in none of the texts. The same texts give the same mark, so that calls can be cached.</summary>
    internal static string For(params ReadOnlySpan<string> texts)
    {
        for (var attempt = 0; ; attempt++)
        {
            var mark = ContentId.Of(["fence", attempt.ToString(System.Globalization.CultureInfo.InvariantCulture), .. texts]);
            if (!Occurs(mark, texts))
                return mark;
        }
    }

    private static bool Occurs(string mark, ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (text.Contains(mark, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
