namespace Vpo.MiniWorld;

/// <summary>Everything that a clip of the mini world shows, each aspect as an index into <see cref="Lexicon.Values"/>.</summary>
/// <param name="Colour">From 0 to 7.</param>
/// <param name="Shape">From 0 to 3.</param>
/// <param name="Size">0 or 1.</param>
/// <param name="Direction">From 0 to 4; 4 is still.</param>
/// <param name="Speed">0 or 1; without meaning when still.</param>
/// <param name="Place">From 0 to 3.</param>
public readonly record struct Scene(int Colour, int Shape, int Size, int Direction, int Speed, int Place)
{
    /// <summary>Whether the object does not move.</summary>
    public bool IsStill => Direction == Lexicon.Still;

    /// <summary>The value of an aspect.</summary>
    public int this[Aspect aspect] => aspect switch
    {
        Aspect.Colour => Colour,
        Aspect.Shape => Shape,
        Aspect.Size => Size,
        Aspect.Direction => Direction,
        Aspect.Speed => Speed,
        _ => Place,
    };

    /// <summary>Whether an aspect can be seen: all but the speed of what is still.</summary>
    public bool Shows(Aspect aspect) => aspect != Aspect.Speed || !IsStill;

    /// <summary>The canonical word of an aspect, such as "red".</summary>
    public string Word(Aspect aspect) => Lexicon.Word(aspect, this[aspect]);

    /// <summary>The same scene with one aspect changed.</summary>
    public Scene With(Aspect aspect, int value) => aspect switch
    {
        Aspect.Colour => this with { Colour = value },
        Aspect.Shape => this with { Shape = value },
        Aspect.Size => this with { Size = value },
        Aspect.Direction => this with { Direction = value },
        Aspect.Speed => this with { Speed = value },
        _ => this with { Place = value },
    };

    /// <summary>A scene with every aspect drawn evenly.</summary>
    public static Scene Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var scene = default(Scene);
        foreach (var aspect in Lexicon.Aspects)
            scene = scene.With(aspect, random.Next(Lexicon.Values(aspect).Count));
        return scene;
    }
}
