using System.Net;

namespace Vpo.Reporting;

/// <summary>Text inside HTML.</summary>
internal static class Html
{
    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
