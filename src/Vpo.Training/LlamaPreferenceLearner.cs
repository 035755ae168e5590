using Vpo.Models.Layers;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Native;
using Vpo.Models.Optimization;
using static TorchSharp.torch;

namespace Vpo.Training;

/// <summary>Trains a LLaMA-architecture model: demonstrations by supervised fine-tuning, pairs by preference training against the model it starts from.</summary>
/// <remarks>
/// The lesson's folder gets metrics.jsonl, checkpoints and, in "model", a Hugging Face folder with the result. The same lesson in the same folder
/// goes on where it was stopped, and a finished one is opened without training. Training runs on a thread of its own.
/// A lesson may start from the folder of a LoRA adapter of the base model: that adapter is then trained on, so that SFT and DPO end in one adapter, and the
/// reference of DPO is the model with the adapter as it was.
/// </remarks>
public sealed class LlamaPreferenceLearner : IPreferenceLearner
{
    private readonly LlamaLearnerOptions _options;
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Nothing is loaded before the first lesson.</summary>
    public LlamaPreferenceLearner(LlamaLearnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public async Task<LearnedOptimizer> LearnAsync(Lesson lesson, IProgress<LearningProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lesson);
        if (lesson.Demonstrations.Count == 0 == (lesson.Pairs.Count == 0))
            throw new ArgumentException($"lesson '{lesson.Name}' must have either demonstrations or pairs, it has {lesson.Demonstrations.Count} and {lesson.Pairs.Count}.", nameof(lesson));
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var points = await Task.Factory.StartNew(() => Train(lesson, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            var folder = ModelFolderOf(lesson);
            var open = _options.OpenOptimizer ?? Open;
            return new(open(folder), folder, [.. points.Select(PointOf)]);
        }
        catch (TrainingStoppedException stopped)
        {
            throw new LearningException(stopped.Message, stopped);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    /// <summary>With the model's own arithmetic: what it writes for pairs must be what the trained policy would write.</summary>
    private LlamaPromptOptimizer Open(string folder) => LlamaPromptOptimizer.Open(folder, new() { Instruction = _options.Instruction, Template = _options.Template, Device = _options.Device, Weights = null });

    private static string ModelFolderOf(Lesson lesson) => Path.Combine(lesson.Folder, "model");

    private IReadOnlyList<TrainingPoint> Train(Lesson lesson, IProgress<LearningProgress>? progress, CancellationToken cancellationToken)
    {
        if (_options.Threads is { } threads)
            set_num_threads(threads);   // counts for this thread's products alone
        var begun = BegunAdapter(lesson);
        var start = begun is null ? lesson.StartFrom ?? _options.BaseModel : _options.BaseModel;
        var device = _options.Device ?? CPU;
        using var checkpoint = LlamaCheckpoint.Open(start);
        // Under an adapter the weights stay as they are, so no wider type is needed to change them.
        using var model = checkpoint.Load(_options.Adapter is null && begun is null ? ScalarType.Float32 : null, _options.Compute ?? ComputeProbe.FastestType(device), device);
        using var adapter = begun is null ? NewAdapter(model, lesson) : LoraAdapter.Open(model, begun);
        if (adapter is null)
            model.RequireGradients();
        foreach (var (_, parameter) in adapter?.Parameters ?? [])
            parameter.requires_grad = true;
        var tokenizer = LessonTokenizer.Of(checkpoint, start, _options);
        var run = new TrainingRun
        {
            Folder = lesson.Folder,
            CancellationToken = cancellationToken,
            Clock = _options.Clock,
            Progress = progress is null ? null : new Relay(progress),
            AtEvaluation = LessonSamples.Of(lesson, _options, model, tokenizer).Write,
        };
        var points = Train(lesson, model, tokenizer, run);
        adapter?.Save(Path.Combine(lesson.Folder, "adapter"));
        adapter?.Merge();
        LlamaFolder.CopyTokenizer(start, ModelFolderOf(lesson));
        LlamaFolder.Save(ModelFolderOf(lesson), model, checkpoint.Config.Type);
        return points;
    }

    private IReadOnlyList<TrainingPoint> Train(Lesson lesson, LlamaModel model, LessonTokenizer tokenizer, TrainingRun run)
    {
        List<PreferenceExample> pairs = [.. lesson.Pairs.Select(tokenizer.Encode)];
        List<TokenizedExample> rows = [.. lesson.Demonstrations.Select(tokenizer.Encode)];
        var learnt = Math.Max(pairs.Count, rows.Count) - _options.HeldOut;
        if (learnt < 1)
            throw new ArgumentException($"lesson '{lesson.Name}' has {learnt + _options.HeldOut} items, of which {_options.HeldOut} should be held out: nothing is left to learn.", nameof(lesson));
        return pairs.Count > 0
            ? new PreferenceTrainer(model, _options.Preferences with { Seed = lesson.Seed }).Train(pairs[..learnt], run, pairs[learnt..]).Points
            : new SupervisedFineTuner(model, _options.Supervised with { Seed = lesson.Seed }).Train(rows[..learnt], run, rows[learnt..]).Points;
    }

    private LoraAdapter? NewAdapter(LlamaModel model, Lesson lesson) => _options.Adapter is { } config ? LoraAdapter.Create(model, config, lesson.Seed) : null;

    /// <summary>The folder of the adapter that the lesson goes on with; null when it starts from a model.</summary>
    private static string? BegunAdapter(Lesson lesson) =>
        lesson.StartFrom is { } from && File.Exists(Path.Combine(from, LoraConfig.FileName)) ? from : null;

    private static LearningPoint PointOf(TrainingPoint point) => new()
    {
        Step = point.Step,
        Loss = point.Loss,
        Margin = point.Margin,
        Accuracy = point.Accuracy,
        ChosenDrift = point.ChosenDrift,
    };

    /// <summary>Passes on at once, on the training thread.</summary>
    private sealed class Relay(IProgress<LearningProgress> inner) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => inner.Report(new(PointOf(value.Point), value.TotalSteps, value.TimeLeft));
    }
}
