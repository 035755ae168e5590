using System.Globalization;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Native;
using Vpo.Models.Optimization;
using Vpo.Storage;
using static TorchSharp.torch;

namespace Vpo.Training.Track;

/// <summary>The text side of the method on a real language model and real queries: SFT on rewrites, samples, verdicts, pairs, DPO, and a table on queries never trained on.</summary>
/// <remarks>Every stage keeps its files in the folder; the same options in the same folder go on where they were stopped. Ends in one LoRA adapter.</remarks>
/// <param name="options">Model, data, sizes.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
public sealed class LanguageTrack(TrackOptions options, TimeProvider? time = null)
{
    /// <summary>The file in the folder that holds the <see cref="TrackResult"/>.</summary>
    public const string ResultFile = "results.json";

    /// <summary>The folder in the folder that holds the adapter that came out, in float16, with its instruction and a README of how it was made and how good it is.</summary>
    public const string AdapterFolder = "adapter";

    private const string OptionsFile = "track.txt";
    private const double SampleTemperature = 0.9, SampleTopP = 0.9;
    private const int SampleChunk = 32, LikelihoodChunk = 32;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, double> _seconds = [];

    /// <summary>Runs the track, or what is left of it, and writes results.json.</summary>
    /// <param name="folder">Made when absent.</param>
    /// <param name="progress">Hears of every chunk and training step; may be null.</param>
    /// <param name="cancellationToken">Ends the run between two steps.</param>
    /// <exception cref="InvalidDataException">The folder holds a track with other options, or no pair could be mined.</exception>
    public async Task<TrackResult> RunAsync(string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options.Check();
        using var alone = WriteLock.Take(Path.Combine(folder, OptionsFile));
        Claim(folder);
        var data = await Timed("data", () => TrackData.ReadAsync(options, progress, cancellationToken)).ConfigureAwait(false);
        using var learner = new LlamaPreferenceLearner(new()
        {
            BaseModel = options.Model,
            Supervised = options.Supervised,
            Preferences = options.Preferences,
            Adapter = options.Adapter,
            Instruction = new(options.Instruction),
            Clock = _time,
        });
        var sft = await Learn(learner, Lesson(folder, "sft") with { Demonstrations = data.Demonstrations }, progress, cancellationToken).ConfigureAwait(false);
        var (verdicts, pairs) = await Pairs(folder, AdapterOf(folder, "sft"), data.PairQueries, progress, cancellationToken).ConfigureAwait(false);
        var learnt = pairs.Take(options.MostPairs).ToList();
        var dpo = await Learn(learner, Lesson(folder, "dpo") with { Pairs = learnt, StartFrom = AdapterOf(folder, "sft") }, progress, cancellationToken).ConfigureAwait(false);
        var shipped = Ship(folder);
        (string Name, string? Adapter)[] methods = [("base", null), ("sft", AdapterOf(folder, "sft")), ("dpo", shipped)];
        var table = await Table(folder, methods, data.HeldOut, progress, cancellationToken).ConfigureAwait(false);
        var result = new TrackResult
        {
            Rows = [.. table.Select(m => m.Row())],
            Changes = [.. table.Zip(table.Skip(1), (from, to) => from.ChangeTo(to))],
            Lessons = [sft, dpo],
            Samples = verdicts,
            Pairs = pairs.Count,
            PairWords = [learnt.Average(p => Words(p.Chosen)), learnt.Average(p => Words(p.Rejected))],
            Seconds = _seconds,
            Adapter = shipped,
        };
        TrackCard.Write(shipped, options, result);
        result.Write(Path.Combine(folder, ResultFile));
        return result;
    }

    /// <summary>Refuses a folder in which another track has begun: its stages would take the other's records for their own.</summary>
    private void Claim(string folder)
    {
        var (path, mine) = (Path.Combine(folder, OptionsFile), options.ToString());
        if (!File.Exists(path))
            AtomicFile.WriteText(path, mine);
        else if (File.ReadAllText(path) is var other && other != mine)
            throw new InvalidDataException($"'{folder}' holds a track with other options.\nfound:  {other}\nwanted: {mine}\nChoose another folder, or delete this one to start again.");
    }

    private Lesson Lesson(string folder, string name) => new() { Name = name, Folder = Path.Combine(folder, name), Seed = ContentId.Seed(options.Seed, "track", name) };

    private static string AdapterOf(string folder, string lesson) => Path.Combine(folder, lesson, "adapter");

    private async Task<TrackLesson> Learn(LlamaPreferenceLearner learner, Lesson lesson, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var learned = await Timed(lesson.Name, () => learner.LearnAsync(lesson, progress is null ? null : new Relay(lesson.Name, progress), cancellationToken)).ConfigureAwait(false);
        learned.Optimizer.Dispose();
        var quarter = Math.Max(1, learned.Curve.Count / 4);
        var last = learned.Curve.TakeLast(quarter).ToList();
        return new(lesson.Name, learned.Curve.Count, learned.Curve.Take(quarter).Average(p => p.Loss), last.Average(p => p.Loss))
        {
            Margin = last.Average(p => p.Margin),
            Accuracy = last.Average(p => p.Accuracy),
            ChosenDrift = last.Average(p => p.ChosenDrift),
        };
    }

    private async Task<(VerdictCounts, IReadOnlyList<PreferencePair>)> Pairs(string folder, string adapter, IReadOnlyList<Query> queries, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var stages = new TextStages(_time, progress) { ChunkSize = SampleChunk };
        var sampling = new PromptOptions { Count = options.Samples, Temperature = SampleTemperature, TopP = SampleTopP, MaxNewTokens = options.MaxNewTokens, Seed = options.Seed };
        IReadOnlyList<PromptRecord> samples;
        using (var writer = LlamaPromptOptimizer.Open(options.Model, new() { Adapter = adapter, Instruction = new(options.Instruction), Type = ScalarType.Float32, Weights = options.Weights, MaxBatch = SampleChunk * options.Samples }))
            samples = await Timed("samples", () => stages.DraftAsync(Path.Combine(folder, "samples.jsonl"), "sft", writer, queries, sampling, cancellationToken)).ConfigureAwait(false);
        List<PromptRecord> written = [.. samples.Where(s => s.FallbackReason is null)];   // a query that stands in for a prompt keeps all its atoms
        using var judge = new AtomJudge();
        var verdicts = await Timed("verdicts", () => stages.JudgeAsync(Path.Combine(folder, "verdicts.jsonl"), judge, written, refine: false, cancellationToken)).ConfigureAwait(false);
        List<PreferencePair> pairs = [.. written.Select(s => CoveragePreferences.BestAgainstWorst(s.Query, s.Prompts, options.Gap, judge)).OfType<PreferencePair>()];
        if (pairs.Count == 0)
            throw new InvalidDataException($"expected pairs, found none: of {written.Count} queries none has a well-formed sample that keeps {options.Gap:P0} more of the atoms than another. See {Path.Combine(folder, "samples.jsonl")}; give more queries or a smaller gap.");
        TrainingFiles.Write(Path.Combine(folder, "pairs.jsonl"), pairs, ExchangeFormat.Vpo);
        return (VerdictCounts.Of(verdicts.Select(v => v.Verdict)), pairs);
    }

    /// <summary>The adapter that came out, in half the bytes, with what it needs to be used.</summary>
    private string Ship(string folder)
    {
        var to = Path.Combine(folder, AdapterFolder);
        using var checkpoint = LlamaCheckpoint.Open(options.Model);
        using var model = checkpoint.Load();
        using var adapter = LoraAdapter.Open(model, AdapterOf(folder, "dpo"));
        adapter.Save(to, ScalarType.Float16);
        AtomicFile.WriteText(Path.Combine(to, InstructionTemplate.FileName), options.Instruction);
        return to;
    }

    private async Task<IReadOnlyList<TrackMethod>> Table(
        string folder, IReadOnlyList<(string Name, string? Adapter)> methods, IReadOnlyList<Query> queries, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var written = new List<IReadOnlyList<TrackPrompt>>();
        foreach (var (name, adapter) in methods)
        {
            using var writer = new TrackWriter(options, adapter);
            written.Add(await Timed($"prompts {name}", () => writer.WriteAsync(name, Path.Combine(folder, $"prompts-{name}.jsonl"), queries, progress, cancellationToken)).ConfigureAwait(false));
        }
        using var checkpoint = LlamaCheckpoint.Open(options.Model);
        using var untouched = checkpoint.Load(compute: ComputeProbe.FastestType(CPU));
        var judge = new QueryLikelihood(untouched, checkpoint.Tokenizer, checkpoint.Template);
        var table = new List<TrackMethod>();
        foreach (var ((name, _), prompts) in methods.Zip(written))
            table.Add(TrackMethod.Of(name, prompts, await Timed($"likelihood {name}", () => Likelihoods(judge, (name, Path.Combine(folder, $"likelihood-{name}.jsonl")), [.. prompts.Take(options.Likelihoods)], progress, cancellationToken)).ConfigureAwait(false)));
        return table;
    }

    /// <summary>Each query given its own prompt, and given that of the query before it.</summary>
    private static Task<IReadOnlyList<TrackLikelihood>> Likelihoods(
        QueryLikelihood judge, (string Name, string Path) method, IReadOnlyList<TrackPrompt> prompts, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        static string IdOf((TrackPrompt Own, TrackPrompt Other) p) => ContentId.Of("likelihood", p.Own.Query, p.Own.Prompt, p.Other.Prompt);

        IReadOnlyList<TrackLikelihood> Judge(IReadOnlyList<(TrackPrompt Own, TrackPrompt Other)> chunk, CancellationToken ct)
        {
            var values = judge.NatsPerToken([.. chunk.Select(p => (p.Own.Query, p.Own.Prompt)), .. chunk.Select(p => (p.Own.Query, p.Other.Prompt))], ct);
            return [.. chunk.Select((p, i) => new TrackLikelihood(IdOf(p), values[i], values[chunk.Count + i]))];
        }
        return new Stage<(TrackPrompt, TrackPrompt), TrackLikelihood>($"likelihood {method.Name}", method.Path, TrackJson.Lines.TrackLikelihood, IdOf) { ChunkSize = LikelihoodChunk }
            .RunAsync([.. prompts.Zip(prompts.Skip(prompts.Count - 1).Concat(prompts))], (chunk, ct) => Task.FromResult(Judge(chunk, ct)), progress, cancellationToken);
    }

    private async Task<T> Timed<T>(string stage, Func<Task<T>> work)
    {
        var start = _time.GetTimestamp();
        var made = await work().ConfigureAwait(false);
        _seconds[stage] = Math.Round(_time.GetElapsedTime(start).TotalSeconds, 1);
        return made;
    }

    internal static int Words(string prompt) => prompt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private sealed class Relay(string lesson, IProgress<StageProgress> inner) : IProgress<LearningProgress>
    {
        public void Report(LearningProgress value) => inner.Report(new($"learn {lesson}", value.Point.Step, value.TotalSteps, value.TimeLeft) { Point = value.Point });
    }
}
