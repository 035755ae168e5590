using System.Text.Json.Serialization;

namespace Vpo.Rewards.Remote;

/// <summary>The body that is posted to an external reward.</summary>
/// <param name="Query">The user's own words.</param>
/// <param name="Prompt">The prompt that the clip was made from.</param>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="FramesPerSecond">The clip's rate.</param>
/// <param name="FrameIndices">Which frames of the clip are sent.</param>
/// <param name="FrameCount">How many frames the clip has.</param>
/// <param name="Frames">The frames, PNG in base64.</param>
internal sealed record HttpRewardRequest(
    string Query, string Prompt, int Width, int Height, double FramesPerSecond, IReadOnlyList<int> FrameIndices, int FrameCount, IReadOnlyList<byte[]> Frames);

/// <summary>What an external reward answers.</summary>
internal sealed record HttpRewardResponse
{
    public double? Score { get; init; }
    public IReadOnlyList<HttpRewardAnswer>? Answers { get; init; }
    public Dictionary<string, double>? Dimensions { get; init; }
    public string? RewardId { get; init; }
}

internal sealed record HttpRewardAnswer(string Question, string? Dimension, string? Answer, double Weight);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(HttpRewardRequest))]
[JsonSerializable(typeof(HttpRewardResponse))]
internal sealed partial class HttpRewardJson : JsonSerializerContext;
