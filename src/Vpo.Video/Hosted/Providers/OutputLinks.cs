using System.Text.Json;

namespace Vpo.Video.Hosted;

/// <summary>Finds the clip's address in outputs, whose shape is each model's own.</summary>
internal static class OutputLinks
{
    /// <summary>An address, a list of them, {"url":..}, {"video":{"url":..}}, {"videos":[{"url":..}]}, {"video_url":..}: the first of these.</summary>
    public static string? First(JsonElement output) => output.ValueKind switch
    {
        JsonValueKind.String => output.GetString() is { } text && IsAddress(text) ? text : null,
        JsonValueKind.Array => output.EnumerateArray().Select(First).FirstOrDefault(link => link is not null),
        JsonValueKind.Object => new[] { "video", "videos", "url", "video_url", "output" }
            .Select(name => output.Inside(name) is { } inside ? First(inside) : null).FirstOrDefault(link => link is not null),
        _ => null,
    };

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https");
}
