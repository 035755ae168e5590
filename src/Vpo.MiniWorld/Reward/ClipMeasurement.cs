namespace Vpo.MiniWorld;

/// <summary>What can be measured on the pixels of a clip; −1 where nothing could be.</summary>
internal sealed record ClipMeasurement
{
    public required int Place { get; init; }

    /// <summary>Frames in which there is an object.</summary>
    public int FramesWithObject { get; init; }

    public int Colour { get; init; } = -1;

    /// <summary>Distance of the object's colour to the nearest named one.</summary>
    public double ColourDistance { get; init; } = double.PositiveInfinity;

    public int Shape { get; init; } = -1;

    public int Size { get; init; } = -1;

    /// <summary>Overlap with the best of the eight outlines: soft intersection over union.</summary>
    public double Overlap { get; init; }

    public int Direction { get; init; } = -1;

    public int Speed { get; init; } = -1;

    /// <summary>Pixels off the background that are not the object's, as a share of the object's.</summary>
    public double Clutter { get; init; } = double.PositiveInfinity;

    /// <summary>Standard deviation of the object's area over its mean.</summary>
    public double AreaVariation { get; init; } = double.PositiveInfinity;

    /// <summary>Root mean square distance of the centroids from a straight, even path, in pixels.</summary>
    public double PathResidual { get; init; } = double.PositiveInfinity;

    public int this[Aspect aspect] => aspect switch
    {
        Aspect.Colour => Colour,
        Aspect.Shape => Shape,
        Aspect.Size => Size,
        Aspect.Direction => Direction,
        Aspect.Speed => Speed,
        _ => Place,
    };
}
