namespace Vpo.Atoms.Language;

/// <content>Things, places and what belongs to them.</content>
internal sealed partial class AtomReader
{
    private const int LongestName = 4;

    private static readonly HashSet<string> Containers =
    [
        "cup", "glass", "bottle", "bowl", "piece", "slice", "suit", "block", "cloud", "trail", "herd", "flock", "pile", "jar", "box", "plate", "bouquet", "stack", "sheet", "drop", "ball", "can", "bag", "basket", "bucket",
        "tray", "loaf", "school", "pack", "row", "line", "string", "swarm",
    ];

    private static readonly HashSet<string> NoRelationTo = ["ground", "floor", "video", "face", "head", "hand", "screen", "body", "way", "fire", "earth", "eye", "top", "left", "right", "back", "front"];

    /// <summary>Nouns that stand together name one thing: the last says what, those before say which.</summary>
    private int ReadThing(int i)
    {
        var end = i + 1;
        while (end < _tokens.Count && end < i + LongestName && _roles[end] == Role.Noun && !_tokens[end].AfterBreak && _hits[end] is not { Phrase.Kind: AtomKind.Subject } && _tokens[end].IsName == _tokens[i].IsName)
            end++;
        if (_hits[end - 1] is { } longer && longer.End > end)
            end = longer.End;
        var scene = Scene(i, end);
        var names = _tokens.GetRange(i, end - i).Select(t => t.Word.Noun).ToList();
        if (scene is null && end + 1 < _tokens.Count && end == i + 1 && Containers.Contains(names[0]) && _tokens[end].Text == "of")
            end = WithContent(end + 1, names);
        Thing(names, scene, i, end);
        return end;
    }

    /// <summary>"cup of coffee": the content belongs to the name.</summary>
    private int WithContent(int i, List<string> names)
    {
        var end = i;
        while (end < _tokens.Count && end < i + 2 && _roles[end] == Role.Noun && !_tokens[end].AfterBreak)
            names.Add(_tokens[end++].Word.Noun);
        if (end > i)
            names.Insert(1, "of");
        return end > i ? end : i - 1;
    }

    /// <summary>The place that nouns name: their last words must be one.</summary>
    private PhraseHit? Scene(int start, int end)
    {
        for (var at = start; at < end; at++)
        {
            if (_hits[at] is { Phrase.Kind: AtomKind.Scene } hit && hit.End == end)
                return hit;
        }
        return null;
    }

    private void Thing(List<string> names, PhraseHit? scene, int start, int end)
    {
        var name = string.Join(' ', names);
        if (name.Length == 1)
            return;
        if (_unwanted)
        {
            Add(new(AtomKind.Negative, name), start, end);
            (_count, _relation) = (default, null);
            _colors.Clear();
            return;
        }
        Add(new(scene is null ? AtomKind.Subject : AtomKind.Scene, name), start, end);
        if (_count.Number is { } number)
            Add(new(AtomKind.Count, number.ToString(System.Globalization.CultureInfo.InvariantCulture)) { Of = name }, _count.At, end);
        foreach (var color in _colors)
            Add(new(AtomKind.Color, color) { Of = name }, start, end);
        Relate(name, scene is not null, end);
        _colors.Clear();
        (_count, _thing) = (default, name);
    }

    private void Relate(string name, bool isScene, int end)
    {
        if (_relation is { Of: { } of, At: var at } relation && of != name && !NoRelationTo.Contains(name)
            && !(isScene && relation.Relation is "on top of" or "around" or "inside" or "between"))
            Add(new(AtomKind.Spatial, relation.Relation) { Of = of, Other = name }, at, end);
        _relation = null;
    }
}
