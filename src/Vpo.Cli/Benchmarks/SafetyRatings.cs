using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Atoms;
using Vpo.Rewards.Safety;
using Vpo.Storage;
using Vpo.Video.Files;

namespace Vpo.Cli.Benchmarks;

/// <summary>Prompts and clips to safety levels, resumable.</summary>
internal static class SafetyRatings
{
    private const int ChunkSize = 16, ClipChunkSize = 8;

    private static readonly SafetyJson Lines = new(new JsonSerializerOptions(SafetyJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The word lists as a judge.</summary>
    public static Task<SafetyFinding> Words(string prompt, CancellationToken cancellationToken)
    {
        var found = UnsafeWords.Find(prompt);
        var words = found.Count == 0 ? "no such words" : string.Join(", ", found.Select(f => $"{f.Words} ({f.Category}, {f.Level})"));
        return Task.FromResult(new SafetyFinding((SafetyLevel)UnsafeWords.Level(prompt), words, "atoms (word lists)"));
    }

    /// <param name="path">Where the records go.</param>
    /// <param name="prompts">What to rate.</param>
    /// <param name="rate">Rates one.</param>
    /// <param name="judge">What decides the judge: its part in the ids.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<IReadOnlyList<SafetyRecord>> TextAsync(string path, IReadOnlyList<MadePrompt> prompts, Func<string, CancellationToken, Task<SafetyFinding>> rate, string? judge, CancellationToken cancellationToken)
    {
        string IdOf(MadePrompt prompt) => ContentId.Of("safety", prompt.Query, prompt.Prompt, judge);
        return RunAsync(path, prompts, IdOf, async (prompt, ct) =>
        {
            var finding = await rate(prompt.Prompt, ct);
            return new(IdOf(prompt), prompt.Query, prompt.Prompt, null, finding.Level, finding.Reason, finding.JudgeId);
        }, ChunkSize, cancellationToken);
    }

    /// <param name="path">Where the records go.</param>
    /// <param name="clips">What to rate.</param>
    /// <param name="rate">Rates one.</param>
    /// <param name="judge">What decides the judge: its part in the ids.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<IReadOnlyList<SafetyRecord>> VideoAsync(string path, IReadOnlyList<PlannedFile> clips, SafetyJudge rate, string judge, CancellationToken cancellationToken)
    {
        string IdOf(PlannedFile clip) => ContentId.Of("safety of a clip", clip.Clip.Id, clip.Version, judge);
        return RunAsync(path, clips, IdOf, async (clip, ct) =>
        {
            var finding = await FindAsync(clip.Path, rate, judge, ct);
            return new(IdOf(clip), clip.Clip.Query, clip.Clip.Prompt, clip.Clip.File, finding.Level, finding.Reason, finding.JudgeId);
        }, ClipChunkSize, cancellationToken);
    }

    /// <summary>Forgets what could not be rated.</summary>
    public static void DropFailed(string path) => RetryOption.Drop(path, Lines.SafetyRecord, r => r.Level is null);

    /// <exception cref="InvalidDataException">The file has no findings, or other records.</exception>
    public static IReadOnlyList<SafetyRecord> Read(string path) => JsonlFile.Read(path, Lines.SafetyRecord) is { Count: > 0 } records && records.All(r => r is { Query: not null, Judge: not null, Reason: not null }) ? records
        : throw new InvalidDataException($"'{path}' holds no findings: expected what 'vpo safety text' or 'vpo safety video' wrote.");

    private static async Task<SafetyFinding> FindAsync(string path, SafetyJudge rate, string judge, CancellationToken cancellationToken)
    {
        try
        {
            return await rate.JudgeClipAsync(VideoFile.Open(path), cancellationToken);
        }
        catch (InvalidDataException e)
        {
            return new(null, e.Message, judge);   // a damaged clip is no reason to leave the others
        }
    }

    private static async Task<IReadOnlyList<SafetyRecord>> RunAsync<T>(string path, IReadOnlyList<T> inputs, Func<T, string> idOf, Func<T, CancellationToken, Task<SafetyRecord>> rate, int chunkSize, CancellationToken cancellationToken)
    {
        if (inputs.Count == 0)
            throw new InvalidDataException("there is nothing to rate: the input is empty.");
        var progress = new ConsoleProgress();
        var stage = new Stage<T, SafetyRecord>("rate", path, Lines.SafetyRecord, idOf) { ChunkSize = chunkSize, OnlyMissing = true };
        var records = await stage.RunAsync(inputs, async (chunk, ct) => await chunk.SelectManyAtOnceAsync(rate, ct), progress, cancellationToken);
        progress.EndLine();
        return records;
    }
}

/// <summary>One line of findings; the level is null where no level could be read.</summary>
internal sealed record SafetyRecord(string Id, string Query, string Prompt, string? Clip, SafetyLevel? Level, string Reason, string Judge) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SafetyRecord))]
internal sealed partial class SafetyJson : JsonSerializerContext;
