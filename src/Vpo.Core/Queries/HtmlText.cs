using System.Net;
using System.Text.RegularExpressions;

namespace Vpo.Queries;

/// <summary>Texts that a web page left in HTML's notation, such as <c>&amp;quot;</c> and <c>&amp;#39;</c> in 9 % of the queries released with VPO.</summary>
public static partial class HtmlText
{
    /// <summary>Replaces entities by their characters until none is left, so also those that were encoded twice. Never longer than the text; any text is allowed.</summary>
    public static string Decode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        while (text.Contains('&', StringComparison.Ordinal))
        {
            var decoded = Named().Replace(WebUtility.HtmlDecode(text), InSmallLetters);
            if (decoded == text)
                return text;
            text = decoded;
        }
        return text;
    }

    /// <summary>Whether decoding would change the text.</summary>
    public static bool HasEntities(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('&', StringComparison.Ordinal) && Decode(text) != text;
    }

    /// <summary>Names of entities are in small letters mostly; in a text that was put into capitals they are not (&amp;QUOT;).</summary>
    private static string InSmallLetters(Match entity)
    {
        var small = entity.Value.ToLowerInvariant();
        var decoded = WebUtility.HtmlDecode(small);
        return decoded == small ? entity.Value : decoded;
    }

    [GeneratedRegex("&[A-Za-z][A-Za-z0-9]{1,8};")]
    private static partial Regex Named();
}
