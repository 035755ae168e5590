using System.Globalization;
using System.Text.Json.Serialization;

namespace Vpo.Statistics;

/// <summary>A number with its interval and the count behind it: what every table prints.</summary>
/// <param name="Value">The estimate from all data.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Count">How many independent items it rests on (queries, not clips).</param>
[method: JsonConstructor]
public readonly record struct Estimate(
    [property: JsonPropertyName("mean")] double Value,
    [property: JsonPropertyName("low")] double Low,
    [property: JsonPropertyName("high")] double High,
    [property: JsonPropertyName("n")] int Count)
{
    /// <summary>Whether zero lies outside the interval: for a difference, that the two sides differ.</summary>
    [JsonIgnore]
    public bool ExcludesZero => Low > 0 || High < 0;

    /// <summary>Such as "0.183 [-0.001, 0.401] n=60", the same in every culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.000} [{Low:0.000}, {High:0.000}] n={Count}");
}
