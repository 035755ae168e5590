using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Combining;

namespace Vpo.Rewards.Remote;

/// <summary>How to reach an external reward.</summary>
public sealed record HttpRewardOptions
{
    /// <summary>Where to post.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Which frames to send.</summary>
    public FrameSelection Frames { get; init; } = new();

    /// <summary>The longest that one request may take; 5 minutes unless said otherwise.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is tried again after a connection error or the statuses 408, 429, 500, 502, 503 and 504.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The wait before the first retry; doubled each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>A reward served by another program, in any language.</summary>
/// <remarks>
/// Posts JSON { query, prompt, width, height, frames_per_second, frame_indices, frame_count, frames: [PNG in base64] } and expects
/// { score, answers?: [{ question, dimension?, answer: "yes" | "no" | other, weight? }], dimensions?: { name: number }, reward_id? }. Safe for concurrent calls.
/// </remarks>
/// <param name="http">The client, with whatever headers the service wants; not disposed. Its own timeout should not be shorter than the option's.</param>
/// <param name="options">Where and how.</param>
/// <param name="time">The clock of waits and limits; the system's if null.</param>
public sealed class HttpReward(HttpClient http, HttpRewardOptions options, TimeProvider? time = null) : IVideoReward
{
    private const int QuotedCharacters = 200;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public async Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        var request = new HttpRewardRequest(query, prompt, clip.Width, clip.Height, clip.FramesPerSecond, options.Frames.Of(clip), clip.FrameCount, options.Frames.Encode(clip, FrameFormat.Png));
        var body = JsonSerializer.SerializeToUtf8Bytes(request, HttpRewardJson.Default.HttpRewardRequest);
        for (var attempt = 0; ; attempt++)
        {
            var (score, reason, again) = await TryAsync(body, cancellationToken).ConfigureAwait(false);
            if (score is not null)
                return score;
            if (!again || attempt >= options.Retries)
                throw new VideoRewardException($"{options.Endpoint}: {reason}{(attempt > 0 ? $" (after {attempt + 1} attempts)" : "")}");
            await Task.Delay(options.RetryDelay * Math.Pow(2, attempt), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Does nothing: the client is its owner's.</summary>
    public void Dispose() { }

    private async Task<(VideoScore? Score, string Reason, bool Again)> TryAsync(byte[] body, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
            using var response = await http.PostAsync(options.Endpoint, content, both.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(both.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? (Read(text), "", false)
                : (null, $"answered {(int)response.StatusCode} {response.ReasonPhrase}: {Quote(text)}", IsTransient(response.StatusCode));
        }
        catch (HttpRequestException e)
        {
            return (null, e.Message, true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"no answer within {options.Timeout}", false);
        }
    }

    private VideoScore Read(string text)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(text, HttpRewardJson.Default.HttpRewardResponse);
            if (answer?.Score is not { } score)
                throw new VideoRewardException($"{options.Endpoint}: expected {{ \"score\": number, ... }}, found {Quote(text)}");
            return GuardedReward.Checked(new()
            {
                Score = score,
                Answers = [.. (answer.Answers ?? []).Select(a => new ChecklistAnswer(a.Question, a.Dimension ?? "", AnswerReader.Lenient(a.Answer ?? ""), a.Weight))],
                Dimensions = answer.Dimensions ?? [],
                RewardId = answer.RewardId ?? options.Endpoint.ToString(),
            });
        }
        catch (JsonException e)
        {
            throw new VideoRewardException($"{options.Endpoint}: expected JSON with a score, found {Quote(text)}", e);
        }
    }

    private static bool IsTransient(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static string Quote(string text) => text.Length <= QuotedCharacters ? text : text[..QuotedCharacters] + "...";
}
