using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Comparisons;

namespace Vpo.Compare;

/// <summary>Who asks for the next pair.</summary>
/// <param name="Annotator">The name.</param>
/// <param name="Skip">How many open pairs to pass over, since their clips can't be played there.</param>
internal sealed record NextRequest(string? Annotator, int Skip = 0);

/// <summary>A vote.</summary>
internal sealed record VoteRequest(string? Ticket, Choice? Choice, int Skip = 0);

/// <summary>The next pair; without a ticket when all are done.</summary>
/// <param name="Done">Pairs that this person has done.</param>
/// <param name="Total">Pairs in all.</param>
/// <param name="Question">What to ask.</param>
/// <param name="Query">The user's words.</param>
/// <param name="Ticket">Names pair and sides; opaque.</param>
/// <param name="Video">For left and right whether it is a video file, not a picture that moves.</param>
internal sealed record NextReply(int Done, int Total, string Question, string? Query = null, string? Ticket = null, bool[]? Video = null);

/// <summary>What went wrong, for people.</summary>
internal sealed record Refusal(string Error);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NextRequest))]
[JsonSerializable(typeof(VoteRequest))]
[JsonSerializable(typeof(NextReply))]
[JsonSerializable(typeof(Refusal))]
internal sealed partial class CompareJson : JsonSerializerContext;
