using System.Xml.Linq;

namespace Vpo.Training;

/// <summary>The style sheet inside of a plot: rules for an element's name or for one class, such as <c>text{...}</c> and <c>.line{...}</c>.</summary>
internal sealed class PlotStyle
{
    private readonly List<(string Selector, string Name, string Value)> _rules = [];

    /// <param name="sheet">CSS; null: none.</param>
    public PlotStyle(string? sheet)
    {
        foreach (var rule in (sheet ?? "").Split('}', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (rule.Split('{') is not [var selector, var body])
                throw new FormatException($"expected 'selector{{name:value;...}}' in a plot's style, found '{rule}'.");
            _rules.AddRange(Declarations(body).Select(d => (selector.Trim(), d.Name, d.Value)));
        }
    }

    /// <summary>What an element looks like: attributes, over them rules in their order, over them its own style.</summary>
    public IReadOnlyDictionary<string, string> Of(XElement element)
    {
        var classes = ((string?)element.Attribute("class") ?? "").Split(' ');
        var look = element.Attributes().ToDictionary(a => a.Name.LocalName, a => a.Value);
        foreach (var (selector, name, value) in _rules)
        {
            if (selector == element.Name.LocalName || (selector.StartsWith('.') && classes.Contains(selector[1..])))
                look[name] = value;
        }
        foreach (var (name, value) in Declarations((string?)element.Attribute("style") ?? ""))
            look[name] = value;
        return look;
    }

    private static IEnumerable<(string Name, string Value)> Declarations(string body) => body.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(d => d.IndexOf(':', StringComparison.Ordinal) is > 0 and var at ? (d[..at].Trim(), d[(at + 1)..].Trim()) : throw new FormatException($"expected 'name:value' in a plot's style, found '{d}'."));
}
