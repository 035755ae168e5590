using System.Text;
using Vpo.Storage;

namespace Vpo.Reporting;

/// <summary>One self-contained HTML page: no script, no network, light and dark, for screen, phone and print.</summary>
/// <param name="title">The page's title and first heading.</param>
public sealed class HtmlReport(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Starts a section.</summary>
    public HtmlReport Section(string heading)
    {
        _body.Append("<h2>").Append(Html.Escape(heading)).Append("</h2>\n");
        return this;
    }

    /// <summary>A paragraph of plain text.</summary>
    public HtmlReport Text(string text)
    {
        _body.Append("<p>").Append(Html.Escape(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Points of plain text.</summary>
    public HtmlReport Points(IEnumerable<string> points)
    {
        _body.Append("<ul>").Append(string.Concat(points.Select(p => $"<li>{Html.Escape(p)}</li>"))).Append("</ul>\n");
        return this;
    }

    /// <summary>A table; the first column names the row, the others are numbers.</summary>
    /// <param name="headers">As many as a row has cells.</param>
    /// <param name="rows">Plain text cells.</param>
    /// <param name="note">What the columns mean; may be empty.</param>
    public HtmlReport Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows, string note = "")
    {
        _body.Append("<div class=\"scroll\"><table><thead><tr>").Append(string.Concat(headers.Select(h => $"<th>{Html.Escape(h)}</th>"))).Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
            _body.Append("<tr>").Append(string.Concat(row.Select((cell, i) => i == 0 ? $"<th scope=\"row\">{Html.Escape(cell)}</th>" : $"<td>{Html.Escape(cell)}</td>"))).Append("</tr>\n");
        _body.Append("</tbody></table></div>\n");
        return note.Length == 0 ? this : Note(note);
    }

    /// <summary>A chart made by <see cref="LineChart"/> or <see cref="IntervalChart"/>, with a caption.</summary>
    public HtmlReport Chart(string svg, string caption)
    {
        if (svg.Length > 0)
            _body.Append("<figure>").Append(svg).Append("<figcaption>").Append(Html.Escape(caption)).Append("</figcaption></figure>\n");
        return this;
    }

    /// <summary>Clips of one query side by side, each under the name of its method and above its prompt.</summary>
    public HtmlReport Clips(string query, IEnumerable<ReportClip> clips)
    {
        _body.Append("<section class=\"clips\"><h3>").Append(Html.Escape(query)).Append("</h3><div class=\"row\">\n");
        foreach (var clip in clips)
            _body.Append($"<figure><img src=\"data:image/png;base64,{Convert.ToBase64String(clip.Png.Span)}\" alt=\"{Html.Escape($"{clip.Method}: {clip.Prompt}")}\">")
                .Append($"<figcaption><b>{Html.Escape(clip.Method)}</b> <span class=\"score\">{Html.Escape(clip.Score)}</span><br>{Html.Escape(clip.Prompt)}</figcaption></figure>\n");
        _body.Append("</div></section>\n");
        return this;
    }

    /// <summary>A preference pair: the query, why the pair was made, the chosen and the rejected prompt side by side.</summary>
    public HtmlReport Pair(string query, string why, ReportClip chosen, ReportClip rejected)
    {
        _body.Append("<section class=\"clips\"><h3>").Append(Html.Escape(query)).Append("</h3><p class=\"note\">").Append(Html.Escape(why)).Append("</p><div class=\"row words\">\n");
        foreach (var side in (ReportClip[])[chosen, rejected])
        {
            _body.Append("<figure>");
            if (!side.Png.IsEmpty)
                _body.Append($"<img src=\"data:image/png;base64,{Convert.ToBase64String(side.Png.Span)}\" alt=\"{Html.Escape($"{side.Method}: {side.Prompt}")}\">");
            _body.Append($"<figcaption><b>{Html.Escape(side.Method)}</b> <span class=\"score\">{Html.Escape(side.Score)}</span><br>{Html.Escape(side.Prompt)}</figcaption></figure>\n");
        }
        _body.Append("</div></section>\n");
        return this;
    }

    /// <summary>Small print.</summary>
    public HtmlReport Note(string text)
    {
        _body.Append("<p class=\"note\">").Append(Html.Escape(text)).Append("</p>\n");
        return this;
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, ToString());

    /// <summary>The page.</summary>
    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Html.Escape(title)}</title><style>{ReportStyle.Css}</style></head>
        <body><main><h1>{Html.Escape(title)}</h1>
        {_body}</main></body></html>
        """;
}

/// <summary>A clip in a report.</summary>
/// <param name="Method">What made the prompt.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Score">Its score as text; may be empty.</param>
/// <param name="Png">The video as an animated PNG (<see cref="AnimatedPng"/>).</param>
public sealed record ReportClip(string Method, string Prompt, string Score, ReadOnlyMemory<byte> Png);
