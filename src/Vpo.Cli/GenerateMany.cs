using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Storage;
using Vpo.Video.Files;

namespace Vpo.Cli;

/// <summary>Prompts to a folder of clips and clips.jsonl, resumable. A prompt that fails is reported and does not stop the others.</summary>
internal sealed class GenerateMany(IVideoGenerator generator, string name, string folder)
{
    private const string FileName = "clips.jsonl";
    private static readonly ClipJson Lines = new(new JsonSerializerOptions(ClipJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    private readonly Lock _lock = new();
    private readonly ConsoleProgress _progress = new();
    private readonly HashSet<string> _said = [];
    private int _done, _failed;

    /// <summary>Clips made at a time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Ending of the files of clips that come as frames: ".mp4", ... or "" for folders of pictures.</summary>
    public required string Extension { get; init; }

    /// <param name="requests">What to make, with the file that it goes to in the folder; null for one named by its id.</param>
    /// <param name="options">The same for all.</param>
    /// <param name="cancellationToken">Ends it; clips that are done stay.</param>
    public async Task<int> RunAsync(IReadOnlyList<(VideoRequest Request, string? File)> requests, VideoOptions options, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        using var alone = WriteLock.Take(path);
        var known = JsonlFile.Read(path, Lines.ClipRecord).Where(record => Path.Exists(Path.Combine(folder, record.File))).Select(record => record.Id).ToHashSet();
        var settings = JsonSerializer.Serialize(options, Lines.VideoOptions);
        string IdOf((VideoRequest Request, string? File) made)
        {
            var request = made.Request;
            string?[] parts = ["clip", name, request.Prompt, request.NegativePrompt, request.StartFrame?.File, settings, request.Seed?.ToString(System.Globalization.CultureInfo.InvariantCulture)];
            return made.File is null ? ContentId.Of(parts) : ContentId.Of([.. parts, made.File]);
        }
        var missing = requests.Where(made => !known.Contains(IdOf(made))).ToList();
        _done = requests.Count - missing.Count;
        Report(requests.Count);
        var limit = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(missing, limit, async (made, ct) =>
        {
            await OneAsync(made, IdOf(made), options, path, ct);
            Report(requests.Count);
        });
        _progress.EndLine();
        Console.Error.WriteLine($"{requests.Count} {(requests.Any(made => made.File is not null) ? "clips" : "prompts")}, {requests.Count - missing.Count} were there already, {_failed} failed; {path}");
        return _failed == 0 ? 0 : 1;
    }

    private async Task OneAsync((VideoRequest Request, string? File) made, string id, VideoOptions options, string path, CancellationToken cancellationToken)
    {
        var request = made.Request;
        try
        {
            var clip = await generator.GenerateAsync(request, options, Concurrency == 1 ? new Steps(this) : null, cancellationToken);
            if (clip.File is null)
            {
                clip = clip with { File = Path.Combine(folder, made.File is null ? id + Extension : Path.ChangeExtension(made.File, null) + Extension), Prompt = request.Prompt, Seed = request.Seed };
                Directory.CreateDirectory(Path.GetDirectoryName(clip.File)!);
                await VideoFile.SaveAsync(clip, clip.File, cancellationToken: cancellationToken);
            }
            else if (made.File is not null)
            {
                clip = clip with { File = Copy(clip.File, Path.Combine(folder, Path.ChangeExtension(made.File, Path.GetExtension(clip.File)))) };
            }
            lock (_lock)
            {
                JsonlFile.Append(path, [new(id, Path.GetRelativePath(folder, clip.File), request.Prompt, request.Seed ?? 0, clip.ModelId ?? name)], Lines.ClipRecord);
                _done++;
            }
        }
        catch (Exception e) when (e is VideoGenerationException or ArgumentException)
        {
            lock (_lock)
            {
                _failed++;
                _progress.EndLine();
                if (_said.Add(e.Message))   // what is wrong with all of them is said once
                    Console.Error.WriteLine("vpo: " + e.Message.ReplaceLineEndings(" "));
            }
        }
    }

    /// <summary>A copy, since the generator's own file is what tells it that the clip is paid for.</summary>
    private static string Copy(string from, string to)
    {
        AtomicFile.Write(to, stream =>
        {
            using var source = File.OpenRead(from);
            source.CopyTo(stream);
        });
        return to;
    }

    /// <summary>The steps of one clip, where clips are made one after another.</summary>
    private sealed class Steps(GenerateMany owner) : IProgress<VideoProgress>
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Report(VideoProgress value) =>
            owner._progress.Report(new($"clip {owner._done + owner._failed + 1}, {value.Status}", value.Done, value.Total, value.Done == 0 ? null : Stopwatch.GetElapsedTime(_start) / value.Done * (value.Total - value.Done)));
    }

    private void Report(int total) => _progress.Report(new("generate", _done, total, null));
}

/// <summary>One line of clips.jsonl.</summary>
internal sealed record ClipRecord(string Id, string File, string Prompt, long Seed, string Model) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClipRecord))]
[JsonSerializable(typeof(VideoOptions))]
internal sealed partial class ClipJson : JsonSerializerContext;
