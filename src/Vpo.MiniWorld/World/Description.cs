namespace Vpo.MiniWorld;

/// <summary>What a text says about a scene: a value for each aspect that it names, null for the rest.</summary>
public readonly record struct Description(int? Colour, int? Shape, int? Size, int? Direction, int? Speed, int? Place)
{
    /// <summary>The value of an aspect; null when the text does not name it.</summary>
    public int? this[Aspect aspect] => aspect switch
    {
        Aspect.Colour => Colour,
        Aspect.Shape => Shape,
        Aspect.Size => Size,
        Aspect.Direction => Direction,
        Aspect.Speed => Speed,
        _ => Place,
    };

    /// <summary>The named aspects, in the order of <see cref="Lexicon.Aspects"/>.</summary>
    public IEnumerable<Aspect> Named
    {
        get
        {
            var self = this;
            return Lexicon.Aspects.Where(aspect => self[aspect] is not null);
        }
    }

    /// <summary>Whether it names every aspect that can be seen; a still scene has no speed to name.</summary>
    public bool IsComplete => Named.Count() >= Lexicon.Aspects.Count - (Direction == Lexicon.Still && Speed is null ? 1 : 0);

    /// <summary>The same with one aspect set, or unset by null.</summary>
    public Description With(Aspect aspect, int? value) => aspect switch
    {
        Aspect.Colour => this with { Colour = value },
        Aspect.Shape => this with { Shape = value },
        Aspect.Size => this with { Size = value },
        Aspect.Direction => this with { Direction = value },
        Aspect.Speed => this with { Speed = value },
        _ => this with { Place = value },
    };

    /// <summary>Everything that can be seen of a scene.</summary>
    public static Description Of(Scene scene)
    {
        var all = default(Description);
        foreach (var aspect in Lexicon.Aspects.Where(scene.Shows))
            all = all.With(aspect, scene[aspect]);
        return all;
    }

    /// <summary>A scene that fits the description; what it leaves open is drawn evenly. A named speed keeps the scene from being still.</summary>
    public Scene Complete(Random random)
    {
        var scene = Scene.Draw(random);
        if (Speed is not null && Direction is null && scene.IsStill)
            scene = scene.With(Aspect.Direction, random.Next(Lexicon.Still));
        foreach (var aspect in Named)
            scene = scene.With(aspect, this[aspect]!.Value);
        return scene;
    }
}
