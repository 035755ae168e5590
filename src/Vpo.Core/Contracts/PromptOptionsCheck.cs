namespace Vpo;

/// <summary>Checks what a caller asks, before any work.</summary>
public static class PromptOptionsCheck
{
    private const int MaxCount = 64;

    /// <summary>Throws when a value is out of its documented range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the value and its range.</exception>
    public static void Check(this PromptOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Count is < 1 or > MaxCount)
            throw Bad(nameof(options.Count), options.Count, $"expected 1 to {MaxCount}");
        if (options.Temperature is { } temperature && !(temperature >= 0 && double.IsFinite(temperature)))
            throw Bad(nameof(options.Temperature), temperature, "expected 0 or above");
        if (options.TopP is { } topP && topP is not (> 0 and <= 1))
            throw Bad(nameof(options.TopP), topP, "expected above 0, up to 1");
        if (options.TokenBudget is <= 0)
            throw Bad(nameof(options.TokenBudget), options.TokenBudget, "expected at least 1");
        if (options.MaxNewTokens is <= 0)
            throw Bad(nameof(options.MaxNewTokens), options.MaxNewTokens, "expected at least 1");
    }

    private static ArgumentOutOfRangeException Bad(string name, object? value, string expected) => new(name, value, expected);
}
