namespace Vpo;

/// <summary>What kept two scored prompts of a query, the better one first, from being a pair.</summary>
public enum PairObstacle
{
    /// <summary><see cref="PairOptions.Gap"/>: their scores are too near.</summary>
    Gap,

    /// <summary><see cref="PairOptions.ScoreFloor"/>: the better one is not good enough.</summary>
    ScoreFloor,

    /// <summary><see cref="PairOptions.MaxWords"/>: the better one is too long.</summary>
    Length,

    /// <summary><see cref="PairOptions.DimensionFloors"/>: the better one is not good enough in a dimension, or has no value there.</summary>
    DimensionFloor,

    /// <summary><see cref="PairOptions.Dominance"/>: the better one is worse in something.</summary>
    Dominance,
}
