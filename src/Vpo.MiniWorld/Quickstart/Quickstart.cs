using Vpo.Storage;

namespace Vpo.MiniWorld;

/// <summary>The whole method of VPO on the mini world: what `vpo quickstart` runs.</summary>
/// <param name="options">Seed, rows and sizes; null: the defaults.</param>
/// <param name="time">For estimates of the time left; null takes the system's clock.</param>
public sealed class Quickstart(QuickstartOptions? options = null, TimeProvider? time = null)
{
    /// <summary>The file in a run folder that holds the <see cref="LoopResult"/>.</summary>
    public const string ResultFile = "results.json";

    /// <summary>The folder in a run folder that holds the best optimizer, a Hugging Face folder.</summary>
    public const string OptimizerFolder = "optimizer";

    private const string GeneratorFolder = "generator", BaseFolder = "base-model", Checksums = "SHA256SUMS";

    // Nats a prompt of about 25 words: a tenth of what displaced likelihoods show (notes in docs/experiments.md), and above the noise of one round.
    private const double DriftFloor = -0.5;

    private readonly QuickstartOptions _options = options ?? new();

    /// <summary>Runs the method, or what is left of it, and writes results.json.</summary>
    /// <param name="folder">The run folder: every artefact is kept in it; the same options in the same folder go on where they were stopped.</param>
    /// <param name="progress">Hears of every chunk and training step; may be null.</param>
    /// <param name="cancellationToken">Ends the run between two steps.</param>
    public async Task<LoopResult> RunAsync(string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var alone = WriteLock.Take(Path.Combine(folder, ResultFile));
        var generator = _options.FromScratch ? await TrainGeneratorAsync(Path.Combine(folder, GeneratorFolder), progress, cancellationToken).ConfigureAwait(false) : null;
        using var world = MiniWorldParts.Create(_options, Path.Combine(folder, BaseFolder), generator);
        var result = await new VpoLoop(world.Parts, LoopOptionsFor(_options), time).RunAsync(world.Queries, folder, progress, cancellationToken).ConfigureAwait(false);
        Copy(Path.Combine(folder, "models", result.BestMethod, "model"), Path.Combine(folder, OptimizerFolder));
        result.Write(Path.Combine(folder, ResultFile));
        return result;
    }

    /// <summary>Opens the best optimizer of a finished run. It refuses queries in words that the mini world does not know, with a message that lists what it knows.</summary>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="FileNotFoundException">The run is not finished, or the folder is none.</exception>
    public static IPromptOptimizer OpenOptimizer(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var file = Path.Combine(folder, ResultFile);
        if (!File.Exists(file))
            throw new FileNotFoundException($"'{folder}' has no {ResultFile}: it is no run, or one that has not ended. Run the quickstart in it again; it goes on where it was.", file);
        return MiniLlama.Open(Path.Combine(folder, OptimizerFolder));
    }

    /// <summary>The loop's options for a quickstart: pairs are sampled at temperature 1, the table's prompts at 0.7 as the paper's users sample; one clip a held-out query.</summary>
    public static LoopOptions LoopOptionsFor(QuickstartOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new()
        {
            Seed = options.Seed,
            Rounds = options.Rounds,
            KeptClips = options.KeptClips,
            SampleTemperature = 1,
            SampleTopP = 1,
            VideoQueries = options.VideoQueries,
            EvaluationVideos = options.EvaluationVideos,
            Ablations = options.Ablations,
            FlippedControl = options.Controls,
            ChunkSize = 128,
            Stop = new() { ChosenDriftFloor = DriftFloor },
        };
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from))
            AtomicFile.Write(Path.Combine(to, Path.GetFileName(file)), stream => stream.Write(File.ReadAllBytes(file)));
    }

    private async Task<string> TrainGeneratorAsync(string folder, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(folder, Checksums)))
            return folder;
        var recipe = _options.Generator ?? new() { Seed = _options.Seed };
        var relay = progress is null ? null : new Relay(progress);
        await Task.Factory.StartNew(
            () => new GeneratorTraining(recipe, time).Run(folder, null, relay, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        return folder;
    }

    private sealed class Relay(IProgress<StageProgress> inner) : IProgress<GeneratorProgress>
    {
        public void Report(GeneratorProgress value) => inner.Report(new($"generator/{value.Stage}", value.Step, value.TotalSteps, value.TimeLeft));
    }
}
