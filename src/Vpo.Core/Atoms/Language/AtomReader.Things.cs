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

    private static readonly HashSet<string> NoRelationTo =
    [
        "ground", "floor", "video", "face", "head", "hand", "screen", "body", "way", "fire", "earth", "eye", "top", "left", "right", "back", "front", "day", "project", "mission", "lung", "side", "end", "music", "time",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];

    private static readonly HashSet<string> Heights = ["roof", "rooftop", "bridge", "cliff", "hill", "hilltop", "mountain", "mountaintop", "tower", "skyscraper", "balcony", "peak", "summit", "island"];

    private static readonly HashSet<string> Overhead = ["rain", "snow", "sky", "night sky", "blue sky", "starry sky", "storm", "heaven", "sun"];

    /// <summary>Nouns that stand together name one thing: the last says what, those before say which.</summary>
    private int ReadThing(int i)
    {
        var end = i + 1;
        while (end < _tokens.Count && end < i + LongestName && _roles[end] == Role.Noun && !_tokens[end].AfterBreak && _hits[end] is not { Phrase.Kind: AtomKind.Subject } && Belongs(end, i))
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

    /// <summary>Names stand with names ("Harry Potter", also where the first begins the sentence) and before the kind of place that they name ("Florida swamp").</summary>
    private bool Belongs(int next, int first) =>
        _tokens[next].IsName == _tokens[next - 1].IsName
        || (_tokens[next].IsName && next - 1 == first && char.IsUpper(_text[_tokens[first].Start]) && _tokens[first].Word.Class == WordClass.Unknown)
        || (_tokens[next - 1].IsName && _hits[next] is { Phrase.Kind: AtomKind.Scene } hit && hit.End == next + 1);

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
        if (scene is null && IsStyle(start, end))
        {
            Add(new(AtomKind.Style, name), start, end);
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
        if (_fronted is { } fronted && fronted.Other != name)
            Add(new(AtomKind.Spatial, fronted.Relation) { Of = name, Other = fronted.Other }, fronted.At, end);
        _colors.Clear();
        (_count, _thing, _thingIsScene, _fronted) = (default, name, scene is not null, null);
        if (scene is null)
            _topic ??= name;
    }

    /// <summary>"matrix style", "in the style of Jackson Pollock", ", by Mondrian", "directed by Kubrick".</summary>
    private bool IsStyle(int start, int end)
    {
        bool Is(int at, params ReadOnlySpan<string> words) => at >= 0 && at < _tokens.Count && words.Contains(_tokens[at].Text) && (at == 0 || _tokens[at].Sentence == _tokens[at - 1].Sentence);
        if (Is(end, "style", "styled", "aesthetic", "aesthetics") && !_tokens[end].AfterBreak)
            return true;
        return (Is(start - 1, "of") && Is(start - 2, "style", "styles", "manner"))
            || (Is(start - 1, "by") && _tokens[start].IsName && (_tokens[start - 1].AfterBreak || Is(start - 2, "directed", "art", "artwork", "painting", "illustration", "film", "movie", "style") || (start > 1 && _hits.Take(start - 1).Any(h => h is { Phrase.Kind: AtomKind.Style } && h.End == start - 1))));
    }

    private void Relate(string name, bool isScene, int end)
    {
        var relation = _relation;
        _relation = null;
        if (relation is not { Of: { } of, At: var at, Relation: var kind } || of == name || NoRelationTo.Contains(name[(name.LastIndexOf(' ') + 1)..]))
            return;
        if (_tokens[at].Text == "surrounded")
            Add(new(AtomKind.Spatial, kind) { Of = name, Other = of }, at, end);   // "a cottage surrounded by trees": the trees are around it
        else if (!(isScene && ((kind == "on top of" && !Heights.Contains(name)) || kind is "around" or "inside" or "between" || (kind == "below" && Overhead.Contains(name)))))
            Add(new(AtomKind.Spatial, kind) { Of = of, Other = name }, at, end);
    }
}
