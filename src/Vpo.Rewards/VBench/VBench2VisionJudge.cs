using System.Text.Json;
using Microsoft.Extensions.AI;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Remote;

namespace Vpo.Rewards.VBench;

/// <summary>A clip's result in VBench-2.0.</summary>
public enum VBench2Outcome
{
    /// <summary>An answer could not be read.</summary>
    Unread,

    /// <summary>The clip does not show what the question takes for granted; VBench-2.0 counts it in no mean (its −1).</summary>
    NotValid,

    /// <summary>Failed.</summary>
    No,

    /// <summary>Passed.</summary>
    Yes,
}

/// <summary>VBench-2.0's dimensions that are yes-or-no questions in its own list, asked of any vision model. VBench-2.0 asks LLaVA-Video-7B with 64 frames: with another model the name ends in "/vlm".</summary>
/// <remarks>The rules are those of VBench-2.0's scripts: in Material, Mechanics and Thermotics the first of several questions says whether the clip counts and the second decides; in Dynamic Attribute and Motion Rationality
/// all must be yes; in Dynamic Spatial Relationship the first is asked about the first half and the second about the last frame.</remarks>
/// <param name="client">The model; not disposed.</param>
/// <param name="options">How to ask; one question a call. Frames spread over the clip unless given.</param>
public sealed class VBench2VisionJudge(IChatClient client, ChecklistJudgeOptions? options = null)
{
    private const string Spatial = "Dynamic_Spatial_Relationship";

    private static readonly string[] Gated = ["Material", "Mechanics", "Thermotics"];

    private readonly ChecklistJudgeOptions _options = (options ?? new() { Frames = new() { Strategy = FrameStrategy.Spread } }) with { Mode = QuestionMode.One };

    /// <summary>The dimensions that can be asked about.</summary>
    public static IReadOnlyList<string> Dimensions { get; } = [.. Gated, "Dynamic_Attribute", "Motion_Rationality", Spatial];

    /// <summary>Asks about one clip, no more questions than decide.</summary>
    /// <param name="dimension">One of <see cref="Dimensions"/>.</param>
    /// <param name="prompt">The list's prompt, with its questions.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The dimension is none of these, or the prompt has no questions.</exception>
    /// <exception cref="VideoRewardException">The client failed.</exception>
    public async Task<VBench2Outcome> AskAsync(string dimension, VBenchPrompt prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(clip);
        if (!Dimensions.Contains(dimension))
            throw new ArgumentException($"expected one of {string.Join(", ", Dimensions)}, found '{dimension}'", nameof(dimension));
        var questions = Questions(dimension, prompt);
        var isGated = Gated.Contains(dimension) && questions.Count > 1;
        for (var i = 0; i < (isGated ? 2 : questions.Count); i++)
        {
            var answer = await AnswerAsync(questions[i], dimension == Spatial ? Part(clip, i) : clip, cancellationToken).ConfigureAwait(false);
            if (answer != Answer.Yes)
                return answer == Answer.Unknown ? VBench2Outcome.Unread : isGated && i == 0 ? VBench2Outcome.NotValid : VBench2Outcome.No;
        }
        return VBench2Outcome.Yes;
    }

    /// <summary>The questions of a prompt, as VBench-2.0 wrote them.</summary>
    internal static IReadOnlyList<string> Questions(string dimension, VBenchPrompt prompt) =>
        prompt.Auxiliary.TryGetValue(dimension, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select(q => q.GetString()!.Replace("(yes or no)", "", StringComparison.Ordinal).Trim())]
            : throw new ArgumentException($"\"{prompt.Prompt}\": expected auxiliary_info with questions for {dimension}", nameof(prompt));

    private async Task<Answer> AnswerAsync(string question, VideoClip clip, CancellationToken cancellationToken)
    {
        using var asked = new AskedChat(client, new("vbench2", [new("question", "", question, 1)]), "", clip, _options);
        return (await asked.AskAsync([0], cancellationToken).ConfigureAwait(false))[0].Answer;
    }

    // The first half, then the last frame.
    private static VideoClip Part(VideoClip clip, int question)
    {
        var (first, count) = question == 0 ? (0, Math.Max(1, clip.FrameCount / 2)) : (clip.FrameCount - 1, 1);
        var size = clip.Frames.Length / clip.FrameCount;
        return new(clip.Frames.Slice(first * size, count * size), clip.Width, clip.Height, clip.FramesPerSecond);
    }
}
