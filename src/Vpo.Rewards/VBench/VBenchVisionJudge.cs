using System.Text.Json;
using Microsoft.Extensions.AI;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Remote;

namespace Vpo.Rewards.VBench;

/// <summary>Stands in for the models of VBench's dimensions that are not computed here: a vision model is asked one question about each clip. Not VBench's figures, so the dimension's name ends in "/vlm".</summary>
/// <remarks>A share of yes is coarse where VBench measures on a scale (consistency, smoothness, quality, style): good to compare methods, not to compare with VBench's tables.</remarks>
/// <param name="client">The model; not disposed.</param>
/// <param name="options">How to ask; one question a call. Defaults if null.</param>
public sealed class VBenchVisionJudge(IChatClient client, ChecklistJudgeOptions? options = null)
{
    /// <summary>What is appended to a dimension's name.</summary>
    public const string Suffix = "/vlm";

    private readonly ChecklistJudgeOptions _options = (options ?? new()) with { Mode = QuestionMode.One };

    /// <summary>The dimensions that can be asked about.</summary>
    public static IReadOnlyList<string> Dimensions { get; } =
    [
        "object_class", "multiple_objects", "human_action", "color", "spatial_relationship", "scene", "temporal_style", "overall_consistency",
        "subject_consistency", "background_consistency", "motion_smoothness", "dynamic_degree", "aesthetic_quality", "imaging_quality",
    ];

    /// <summary>Share of clips of which the question is answered with yes.</summary>
    /// <param name="dimension">One of <see cref="Dimensions"/>.</param>
    /// <param name="clips">Prompts with the names of their clips; prompts of other dimensions are passed over.</param>
    /// <param name="read">Reads a clip by its name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Clips without an answer that can be read are in no mean; <see cref="VBenchMeasurement.Unread"/> counts them.</returns>
    /// <exception cref="ArgumentException">The dimension is none of these, or no clip has an answer.</exception>
    public async Task<VBenchMeasurement> MeasureAsync(string dimension, IEnumerable<VBenchClips> clips, Func<string, VideoClip> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clips);
        if (!Dimensions.Contains(dimension))
            throw new ArgumentException($"expected one of {string.Join(", ", Dimensions)}, found '{dimension}'", nameof(dimension));
        var (values, unread) = (new List<(string, double)>(), 0);
        foreach (var entry in clips.Where(c => c.Prompt.Dimensions.Contains(dimension)))
        {
            foreach (var file in entry.Files)
            {
                var answer = await AnswerAsync(dimension, entry.Prompt, read(file), cancellationToken).ConfigureAwait(false);
                if (answer == Answer.Unknown)
                    unread++;
                else
                    values.Add((file, answer == Answer.Yes ? 1 : 0));
            }
        }
        return values.Count > 0 ? new(dimension + Suffix, values.Average(v => v.Item2), values) { Unread = unread }
            : throw new ArgumentException($"{dimension}: no clip has an answer that can be read ({unread} could not)", nameof(clips));
    }

    /// <summary>The answer about one clip; unknown where it can't be read.</summary>
    /// <param name="dimension">One of <see cref="Dimensions"/>.</param>
    /// <param name="prompt">The list's prompt.</param>
    /// <param name="clip">The clip.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The prompt has no label of the dimension.</exception>
    /// <exception cref="VideoRewardException">The client failed.</exception>
    public async Task<Answer> AnswerAsync(string dimension, VBenchPrompt prompt, VideoClip clip, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var checklist = new Checklist(dimension, [new(dimension, dimension, Question(dimension, prompt), 1)]);
        using var asked = new AskedChat(client, checklist, prompt.Prompt, clip, _options);
        return (await asked.AskAsync([0], cancellationToken).ConfigureAwait(false))[0].Answer;
    }

    /// <summary>The question about one prompt, from VBench's own labels.</summary>
    internal static string Question(string dimension, VBenchPrompt prompt)
    {
        string Label(string name) => prompt.Auxiliary.TryGetValue(dimension, out var auxiliary) && auxiliary.ValueKind == JsonValueKind.Object && auxiliary.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()
            : throw new ArgumentException($"\"{prompt.Prompt}\": expected auxiliary_info with {dimension}.{name}");
        return dimension switch
        {
            "object_class" => $"Is this clearly visible: {Label("object")}?",
            "multiple_objects" => $"Are both clearly visible: {Label("object")}?",
            "human_action" => $"Does this happen in the video: {prompt.Prompt}?",
            "color" => $"The video was made for \"{prompt.Prompt}\". Is the object of this text clearly visible, and is its colour {Label("color")}?",
            "spatial_relationship" => $"Does the video show this arrangement: {prompt.Prompt}?",
            "scene" => $"Does the video show this place: {Place(Label("scene"))}?",
            "temporal_style" => $"Does the video show this, with the camera movement or the speed that the text names: {prompt.Prompt}?",
            "overall_consistency" => $"Does the video as a whole show everything of this text: {prompt.Prompt}?",
            "subject_consistency" => "Do the shape, the colours and the details of the main subject stay the same in all frames?",
            "background_consistency" => "Is the background the same scene in all frames, apart from what camera movement changes?",
            "motion_smoothness" => "Do things move from frame to frame as they would in nature, without jumps, jerks or sudden changes of shape?",
            "dynamic_degree" => "Is there large and clearly visible motion, of objects or of the camera?",
            "aesthetic_quality" => "Is the video beautiful, as an artist would judge composition, colours and light?",
            "imaging_quality" => "Are the frames sharp and clean, without blur, noise, wrong exposure or artefacts?",
            _ => throw new ArgumentException($"expected one of {string.Join(", ", Dimensions)}, found '{dimension}'", nameof(dimension)),
        };
    }

    // VBench nests the place: { "scene": { "scene": "alley" } }.
    private static string Place(string label)
    {
        if (label[0] != '{')
            return label;
        using var nested = JsonDocument.Parse(label);
        return nested.RootElement.GetProperty("scene").GetString()!;
    }
}
