namespace Vpo.Storage;

/// <summary>Where a record came from.</summary>
/// <param name="Model">Which model, judge or reward made it; null where it did not say.</param>
/// <param name="Options">The options that mattered, in words.</param>
/// <param name="Seed">The seed of the call.</param>
/// <param name="Tool">Version of this library.</param>
public sealed record Provenance(string? Model, string Options, long Seed, string Tool)
{
    private static readonly string Version = "vpo-dotnet " + typeof(Provenance).Assembly.GetName().Version?.ToString(3);

    /// <summary>With this library's version.</summary>
    public static Provenance Of(string? model, string options, long seed) => new(model, options, seed, Version);
}
