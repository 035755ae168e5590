namespace Vpo;

/// <summary>How the best of several prompts is found for one query.</summary>
public sealed record BestOfOptions
{
    /// <summary>Prompts to sample; from 2 to 64, default 4.</summary>
    public int Count { get; init; } = 4;

    /// <summary>Temperature of the samples where the caller names none; default 0.9.</summary>
    public double Temperature { get; init; } = 0.9;

    /// <summary>Of how many prompts at most, of those that pass the judge, a draft is rendered and scored; 0 (default) renders none.</summary>
    public int Drafts { get; init; }

    /// <summary>How drafts are rendered: small and quick is enough to rank them. Null takes the model's defaults.</summary>
    public VideoOptions? Video { get; init; }

    /// <summary>Render the query as it is too, and keep it unless a prompt scores higher; default true. Without drafts it has no effect.</summary>
    public bool CompareWithQuery { get; init; } = true;

    /// <summary>By more than this a prompt's draft must score above the query's; default 0.</summary>
    public double MinimumGain { get; init; }

    internal void Check()
    {
        if (Count is < 2 or > 64)
            throw new ArgumentOutOfRangeException(nameof(Count), Count, "expected 2 to 64 prompts");
        ArgumentOutOfRangeException.ThrowIfNegative(Drafts);
    }
}
