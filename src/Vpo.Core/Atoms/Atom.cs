namespace Vpo.Atoms;

/// <summary>What an <see cref="Atom"/> says something about.</summary>
public enum AtomKind
{
    /// <summary>A thing or being: "teddy bear".</summary>
    Subject,

    /// <summary>How many of it: "two dogs".</summary>
    Count,

    /// <summary>What is done: "ride".</summary>
    Action,

    /// <summary>Which action comes first: "walk, then run".</summary>
    Order,

    /// <summary>Camera: move, distance, angle, speed: "zoom in".</summary>
    Camera,

    /// <summary>Light and time of day: "sunset".</summary>
    Light,

    /// <summary>A colour and what has it: "red bicycle".</summary>
    Color,

    /// <summary>Look, medium, artist or era: "watercolor".</summary>
    Style,

    /// <summary>Where one thing is to another: "bicycle left of car".</summary>
    Spatial,

    /// <summary>Place, weather or season: "forest".</summary>
    Scene,

    /// <summary>Words that are to be seen, as they were typed.</summary>
    Text,

    /// <summary>What must not be seen: "cars".</summary>
    Negative,
}

/// <summary>The smallest thing that a query asks for and a prompt can keep, change or lose.</summary>
/// <param name="Kind">What it says something about.</param>
/// <param name="Name">What is wanted, in base forms: "bicycle", "ride", "zoom in", "red", "left of", "2"; typed words for <see cref="AtomKind.Text"/>.</param>
public sealed record Atom(AtomKind Kind, string Name)
{
    /// <summary>What it belongs to: the thing counted, coloured or placed, or the earlier action; null where there is none.</summary>
    public string? Of { get; init; }

    /// <summary>The other thing of a relation, or the later action; null where there is none.</summary>
    public string? Other { get; init; }

    /// <summary>The query's own words for it.</summary>
    public string Phrase { get; init; } = "";

    /// <summary>In words, such as "2 dog", "red bicycle", "bicycle left of car", "walk then run".</summary>
    public string Text => Kind switch
    {
        AtomKind.Spatial => $"{Of} {Name} {Other}",
        AtomKind.Order => $"{Of} then {Other}",
        _ => Of is null ? Name : $"{Name} {Of}",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}: {Text}";
}
