namespace Vpo;

/// <summary>Whose rules of pair mining. The paper and the released program differ; both can be had.</summary>
public enum VpoPreset
{
    /// <summary>The library's own: gap above 0.5, no dominance, best against worst, text and video pairs both kept.</summary>
    Default,

    /// <summary>The paper's text: gap above 0.5, no dominance, neighbours in score, text and video pairs both kept.</summary>
    Paper,

    /// <summary>The released program: dominance on every answer and gap above 0.5, the first pair found, one pair a query, text before video.</summary>
    Released,
}
