namespace Vpo.Video.Files;

/// <summary>The end of what a program said on its error stream: the reason is nearly always there.</summary>
internal static class ErrorTail
{
    private const int Lines = 8, Characters = 1200;

    public static string Of(string error)
    {
        var lines = error.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var tail = string.Join(" | ", lines.TakeLast(Lines));
        return tail.Length == 0 ? "it gave no reason" : tail.Length <= Characters ? tail : "..." + tail[^Characters..];
    }
}
