namespace Vpo;

/// <summary>A prompt and the score of its video.</summary>
/// <param name="Query">The user's words.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Score">Its video's score.</param>
public sealed record ScoredPrompt(string Query, string Prompt, VideoScore Score);
