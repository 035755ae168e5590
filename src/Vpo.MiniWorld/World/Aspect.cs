namespace Vpo.MiniWorld;

/// <summary>What can differ between two scenes of the mini world, and so what a query may ask for.</summary>
public enum Aspect
{
    /// <summary>One of eight colours.</summary>
    Colour,

    /// <summary>Circle, square, triangle or cross.</summary>
    Shape,

    /// <summary>Small (radius 5.2 pixels) or large (8.4).</summary>
    Size,

    /// <summary>Left, right, up, down or still.</summary>
    Direction,

    /// <summary>Slowly (6.4 pixels in nine frames) or quickly (14); means nothing in a still scene.</summary>
    Speed,

    /// <summary>The background: night, meadow, desert or ocean.</summary>
    Place,
}
