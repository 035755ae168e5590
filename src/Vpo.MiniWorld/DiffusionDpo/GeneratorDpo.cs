using Vpo.Models.Layers;
using Vpo.Models.Lora;
using Vpo.Models.Native;
using Vpo.Training;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.MiniWorld;

/// <summary>How a CogVideoX transformer, published or of the mini world, is trained by Diffusion-DPO.</summary>
public sealed record GeneratorDpoOptions
{
    /// <summary>β, batches, learning rate.</summary>
    public required DiffusionDpoOptions Training { get; init; }

    /// <summary>Rank of the LoRA adapter; 0 trains all parameters, against a frozen copy.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>Alpha of the adapter; null: the rank.</summary>
    public double? Alpha { get; init; }

    /// <summary>Ends of the names of the layers that the adapter changes.</summary>
    public IReadOnlyList<string> Targets { get; init; } = CogVideoXLora.AttentionTargets;

    /// <summary>Device, such as "cuda:0"; null: the CPU.</summary>
    public string? Device { get; init; }
}

/// <summary>Diffusion-DPO of a generator in a folder of diffusers: what `vpo train diffusion-dpo` runs.</summary>
public sealed class GeneratorDpo(GeneratorDpoOptions options)
{
    /// <summary>The folder of a run that holds the adapter.</summary>
    public const string LoraFolder = "lora";

    /// <summary>The folder of a run that holds the transformer, when all of it was trained.</summary>
    public const string TransformerFolder = "transformer";

    /// <summary>Trains, or goes on, and writes the result into the run's folder.</summary>
    /// <param name="generator">A folder with "transformer" and "scheduler".</param>
    /// <param name="pairs">Latents and embeddings of that generator.</param>
    /// <param name="run">Its folder must be given.</param>
    public TrainingResult Run(string generator, DiffusionPairs pairs, TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var folder = run.Folder ?? throw new ArgumentException("the run needs a folder.", nameof(run));
        LibtorchLoader.EnsureLoaded();
        var schedule = new NoiseSchedule(NoiseScheduleConfig.Open(Path.Combine(generator, "scheduler", "scheduler_config.json")));
        var device = options.Device is { } name ? TorchSharp.torch.device(name) : CPU;
        var place = new Place(Path.Combine(generator, "transformer"), folder, ComputeProbe.FastestType(device), device);
        return options.Rank == 0 ? TrainAll(place, schedule, pairs, run) : TrainAdapter(place, schedule, pairs, run);
    }

    private TrainingResult TrainAdapter(Place place, NoiseSchedule schedule, DiffusionPairs pairs, TrainingRun run)
    {
        using var model = CogVideoXTransformer.Open(place.Source, place.Compute, device: place.Device);
        using var adapter = CogVideoXLora.Create(model, new() { Rank = options.Rank, Alpha = options.Alpha ?? options.Rank, Targets = options.Targets }, options.Training.Seed);
        foreach (var (_, parameter) in adapter.Parameters)
            parameter.requires_grad = true;
        var result = new DiffusionDpoTrainer(Policy(model, schedule, [.. adapter.Parameters]), options.Training) { AsReference = adapter.Off }.Train(pairs, run);
        adapter.Save(Path.Combine(place.Folder, LoraFolder));
        return result;
    }

    private TrainingResult TrainAll(Place place, NoiseSchedule schedule, DiffusionPairs pairs, TrainingRun run)
    {
        using var model = CogVideoXTransformer.Open(place.Source, ScalarType.Float32, place.Compute, place.Device).RequireGradients();
        using var frozen = CogVideoXTransformer.Open(place.Source, place.Compute, device: place.Device);
        var parameters = model.named_parameters().Select(p => (p.name, p.parameter)).ToList();
        var result = new DiffusionDpoTrainer(Policy(model, schedule, parameters), options.Training, frozen.forward).Train(pairs, run);
        model.Save(Path.Combine(place.Folder, TransformerFolder), place.Source);
        return result;
    }

    private static DenoisingModel Policy(CogVideoXTransformer model, NoiseSchedule schedule, IReadOnlyList<(string, TorchSharp.Modules.Parameter)> parameters) => new()
    {
        Predict = model.forward,
        Parameters = parameters,
        Signal = schedule.Signal.ToArray(),
        Target = DiffusionTarget.Velocity,
        Device = model.Device,
    };

    /// <param name="Source">The folder of the transformer.</param>
    /// <param name="Folder">The run's.</param>
    /// <param name="Compute">Type of the arithmetic.</param>
    /// <param name="Device">Where.</param>
    private sealed record Place(string Source, string Folder, ScalarType Compute, Device Device);
}
