namespace Vpo.Queries;

/// <summary>What stands for a precision whose numerator is zero (Chen and Cherry 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>NLTK's method0: the smallest positive normal double, so the score is about 1e-78, 1e-155 or 1e-232; exactly 0 only when no word matches.</summary>
    None,

    /// <summary>sacreBLEU's "none": the score is 0.</summary>
    Zero,

    /// <summary>NLTK's method1, sacreBLEU's "floor": 0.1 in the place of a zero numerator.</summary>
    Floor,

    /// <summary>NLTK's method2, sacreBLEU's "add-k" with k = 1: one more match and one more n-gram for orders from two.</summary>
    AddOne,

    /// <summary>NLTK's method3, sacreBLEU's "exp": a half for the first zero, a quarter for the second, and so on.</summary>
    Exponential,
}

/// <summary>What becomes of orders that the hypothesis is too short to have.</summary>
public enum BleuShortText
{
    /// <summary>NLTK: no match of one n-gram, then smoothed.</summary>
    OneMiss,

    /// <summary>sacreBLEU with effective_order, its default for sentences: they are left out.</summary>
    LeaveOut,

    /// <summary>sacreBLEU without it: the score is 0.</summary>
    Zero,
}

/// <summary>How BLEU is computed. The defaults are NLTK's.</summary>
public sealed record BleuOptions
{
    /// <summary>n-grams of 1 to this many words; default 4.</summary>
    public int MaxOrder { get; init; } = 4;

    /// <summary>Default <see cref="BleuSmoothing.None"/>.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.None;

    /// <summary>Default <see cref="BleuShortText.OneMiss"/>.</summary>
    public BleuShortText ShortText { get; init; } = BleuShortText.OneMiss;
}
