using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vpo.Rewards.Clip;
using Vpo.Rewards.VBench;
using Vpo.Storage;
using Vpo.Video.Files;

namespace Vpo.Cli.Benchmarks;

/// <summary>Clips of a folder to values of VBench's dimensions, clip by clip, resumable.</summary>
internal sealed class VBenchMeasure(VBenchEdition edition, string clips, string folder) : IDisposable
{
    /// <summary>In VBench's own form, for 'vpo vbench score' and VBench's scripts.</summary>
    public const string ResultFile = "vpo_eval_results.json";

    private const string RecordFile = "measures.jsonl";
    private const int ChunkSize = 8;
    private const double NotCounted = -1;   // VBench-2.0's own mark

    private static readonly MeasureJson Lines = new(new JsonSerializerOptions(MeasureJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly List<string> _dimensions = [];
    private ClipScore? _clip;
    private string? _clipFolder, _visionModel;
    private Microsoft.Extensions.AI.IChatClient? _vision;
    private VBenchVisionJudge? _judge;
    private VBench2VisionJudge? _second;

    /// <summary>A clip and what is measured of it.</summary>
    private sealed record Work(string Dimension, VBenchPrompt Prompt, string File);

    /// <summary>Opens the models, and settles what can be measured with them.</summary>
    public void Open(string? clip, string? vision, (string? Model, string? KeyVariable) server, string[] wanted)
    {
        if (edition == VBenchEdition.Second && vision is null)
            throw new ArgumentException($"of VBench-2.0, {string.Join(", ", VBench2VisionJudge.Dimensions)} can be asked of a vision model here: give --vision. For all others run VBench-2.0, and give its results to 'vpo vbench score'.");
        string[] possible = edition == VBenchEdition.Second ? [.. VBench2VisionJudge.Dimensions]
            : [VBenchNative.TemporalFlickering, .. clip is null ? [] : new[] { VBenchNative.AppearanceStyle }, .. vision is null ? [] : VBenchVisionJudge.Dimensions];
        if (wanted.FirstOrDefault(d => !possible.Contains(d)) is { } stranger)
        {
            throw new ArgumentException(stranger == VBenchNative.AppearanceStyle ? $"{stranger} needs CLIP: give --clip FOLDER."
                : VBenchVisionJudge.Dimensions.Contains(stranger) ? $"{stranger} can be asked of a vision model here: give --vision. For VBench's own figure run VBench."
                : $"{stranger} is not measured here, expected one of {string.Join(", ", possible)}: run VBench, and give its results to 'vpo vbench score'.");
        }
        _dimensions.AddRange(wanted.Length == 0 ? possible : possible.Where(wanted.Contains));
        if (clip is not null)
            (_clip, _clipFolder) = (ClipScore.Open(clip), Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(clip))));
        if (vision is not null)
        {
            (_vision, _visionModel) = (OpenedChat.OpenVision(vision, server), server.Model);
            (_judge, _second) = (new(_vision), new(_vision));
        }
    }

    /// <summary>Measures what is missing, and writes <see cref="ResultFile"/>.</summary>
    public async Task<IReadOnlyList<VBenchMeasurement>> RunAsync(IReadOnlyList<VBenchPrompt> prompts, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(clips))
            throw new DirectoryNotFoundException($"the folder of clips '{clips}' does not exist.");
        var work = edition == VBenchEdition.Second ? FindSecond(prompts) : Find(prompts);
        var progress = new ConsoleProgress();
        var stage = new Stage<Work, MeasureRecord>("measure", Path.Combine(folder, RecordFile), Lines.MeasureRecord, IdOf) { ChunkSize = ChunkSize, OnlyMissing = true };
        var records = await stage.RunAsync(work, async (chunk, ct) => [.. await chunk.SelectManyAtOnceAsync(MeasureAsync, ct)], progress, cancellationToken);
        progress.EndLine();
        List<VBenchMeasurement> measured = [.. records.GroupBy(r => r.Dimension, StringComparer.Ordinal).Select(Aggregate).OfType<VBenchMeasurement>()];
        if (measured.Count == 0)
            throw new InvalidDataException($"none of {records.Count} clips gave a number; what went wrong is in '{Path.Combine(folder, RecordFile)}'. The first: {records[0].Problem}");
        VBenchMeasurement.Write(Path.Combine(folder, ResultFile), measured);
        return measured;
    }

    /// <summary>Forgets what could not be measured.</summary>
    public void DropFailed() => RetryOption.Drop(Path.Combine(folder, RecordFile), Lines.MeasureRecord, r => r.Value is null);

    public static string Remarks(IReadOnlyList<VBenchMeasurement> measured) =>
        (measured.Any(m => m.Dimension == VBenchNative.TemporalFlickering) ? "temporal_flickering is over all clips; VBench drops moving ones first with an optical flow model. " : "")
        + (measured.Any(m => m.Dimension.EndsWith(VBenchVisionJudge.Suffix, StringComparison.Ordinal)) ? "/vlm: shares of yes of a vision model, not VBench's figures. " : "")
        + "Written in VBench's form:";

    public void Dispose()
    {
        _clip?.Dispose();
        _vision?.Dispose();
    }

    private List<Work> Find(IReadOnlyList<VBenchPrompt> prompts)
    {
        List<string> files = [.. Directory.EnumerateFiles(clips).Select(f => Path.GetFileName(f)).Where(f => PlanFile.Formats.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal)];
        var work = new List<Work>();
        foreach (var dimension in _dimensions)
        {
            var found = VBenchFiles.Standard(prompts, files, [dimension]);
            work.AddRange(found.SelectMany(c => c.Files.Select(f => new Work(dimension, c.Prompt, f))).DistinctBy(w => w.File));
            var (there, wanted) = (found.Sum(c => c.Files.Count), found.Count * VBenchFiles.ClipsPerPrompt);
            if (there < wanted && there > 0)
                Console.Error.WriteLine($"vpo: {dimension}: {there} of {wanted} clips are there; the first that is missing: {found.SelectMany(c => Enumerable.Range(0, VBenchFiles.ClipsPerPrompt).Select(i => VBenchFiles.NameOf(c.Prompt.Prompt, i)).Where(n => !c.Files.Contains(n[..^4] + Path.GetExtension(files[0])))).First()}");
        }
        return work.Count > 0 ? work : throw new InvalidDataException($"'{clips}' has no clip for {string.Join(", ", _dimensions)}: expected files named after the ORIGINAL prompt, such as '{VBenchFiles.NameOf(prompts.First(p => p.Dimensions.Any(_dimensions.Contains)).Prompt, 0)}', found {(files.Count == 0 ? "no video" : $"such as '{files[0]}'")}.");
    }

    // A folder a dimension, names cut as the plan cuts them.
    private List<Work> FindSecond(IReadOnlyList<VBenchPrompt> prompts)
    {
        List<(string Dimension, VBenchPrompt Prompt, VBenchShot Shot)> wanted = [.. prompts.SelectMany(p => p.Dimensions.Where(_dimensions.Contains).SelectMany(d => VBenchPlan.Second([p with { Dimensions = [d] }]).Select(shot => (d, p, shot)))).DistinctBy(w => w.shot.File)];
        List<Work> work = [.. wanted.Select(w => (w.Dimension, w.Prompt, File: PlanFile.Find(clips, w.Shot.File))).Where(w => w.File is not null).Select(w => new Work(w.Dimension, w.Prompt, Path.GetRelativePath(clips, w.File!)))];
        if (work.Count == 0)
            throw new InvalidDataException($"'{clips}' has no clip for {string.Join(", ", _dimensions)}: expected files such as '{wanted[0].Shot.File}'.");
        if (work.Count < wanted.Count)
            Console.Error.WriteLine($"vpo: {work.Count} of {wanted.Count} clips are there; the first that is missing: {wanted.First(w => PlanFile.Find(clips, w.Shot.File) is null).Shot.File}");
        return work;
    }

    /// <summary>With the file's size and time, so that a clip that was made again is measured again.</summary>
    private string IdOf(Work work)
    {
        var file = new FileInfo(Path.Combine(clips, work.File));
        var model = work.Dimension == VBenchNative.TemporalFlickering ? null : work.Dimension == VBenchNative.AppearanceStyle ? _clipFolder : _visionModel;
        return ContentId.Of("vbench", work.Dimension, model, work.File, file.Length.ToString(CultureInfo.InvariantCulture), file.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture));
    }

    private async Task<MeasureRecord> MeasureAsync(Work work, CancellationToken cancellationToken)
    {
        var (id, path) = (IdOf(work), Path.Combine(clips, work.File));
        var name = work.Dimension is not (VBenchNative.TemporalFlickering or VBenchNative.AppearanceStyle) ? work.Dimension + VBenchVisionJudge.Suffix : work.Dimension;
        try
        {
            var clip = VideoFile.Open(path);
            var value = work.Dimension switch
            {
                VBenchNative.TemporalFlickering => TemporalFlickering.Of(clip),
                VBenchNative.AppearanceStyle => VBenchNative.StyleOf(work.Prompt) is { } style ? _clip!.Frames(style, clip).Average()
                    : throw new InvalidDataException($"the list has no style for \"{work.Prompt.Prompt}\""),
                _ when edition == VBenchEdition.Second => await _second!.AskAsync(work.Dimension, work.Prompt, clip, cancellationToken) switch
                {
                    VBench2Outcome.Yes => 1,
                    VBench2Outcome.No => 0,
                    VBench2Outcome.NotValid => NotCounted,
                    _ => double.NaN,
                },
                _ => await _judge!.AnswerAsync(work.Dimension, work.Prompt, clip, cancellationToken) switch { Answer.Yes => 1, Answer.No => 0, _ => double.NaN },
            };
            return double.IsFinite(value) ? new(id, name, work.File, value, clip.FrameCount, null) : new(id, name, work.File, null, clip.FrameCount, "no number: an answer that can't be read, or a single frame");
        }
        catch (InvalidDataException e)
        {
            return new(id, name, work.File, null, 0, e.Message);
        }
    }

    // Appearance style averages frames, the others clips; a clip without a number, or that does not count, is in no mean.
    private VBenchMeasurement? Aggregate(IGrouping<string, MeasureRecord> records)
    {
        var read = records.Where(r => r.Value is not null && !(edition == VBenchEdition.Second && r.Value == NotCounted)).ToList();
        if (read.Count == 0)
            return null;
        double Weight(MeasureRecord record) => records.Key == VBenchNative.AppearanceStyle ? record.Frames : 1;
        return new(records.Key, read.Sum(r => Weight(r) * r.Value!.Value) / read.Sum(Weight), [.. read.Select(r => (r.File, r.Value!.Value))]) { Unread = records.Count() - read.Count };
    }
}

/// <summary>One line of measures.jsonl.</summary>
internal sealed record MeasureRecord(string Id, string Dimension, string File, double? Value, int Frames, string? Problem) : IRecord;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeasureRecord))]
internal sealed partial class MeasureJson : JsonSerializerContext;
