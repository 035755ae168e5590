using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Lora;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Video.CogVideoX;

/// <summary>A LoRA adapter on a CogVideoX transformer: opened from the files that diffusers and its trainers write, trained, weakened, switched off, fused and taken out again, saved.</summary>
/// <remarks>One adapter a transformer. The adapter owns its parameters and is disposed after the transformer's last use.</remarks>
public sealed class CogVideoXLora : IDisposable
{
    /// <summary>What diffusers calls the file.</summary>
    public const string FileName = "pytorch_lora_weights.safetensors";

    private readonly CogVideoXTransformer _model;
    private readonly LoraSwitch _switch = new();
    private readonly List<AdaptedLayer> _layers = [];
    private Tensor[]? _plain;

    private CogVideoXLora(CogVideoXTransformer model) => _model = model;

    /// <summary>Ends of the names of the layers that CogVideoX is usually adapted in: the four products of attention.</summary>
    public static IReadOnlyList<string> AttentionTargets { get; } = ["to_q", "to_k", "to_v", "to_out.0"];

    /// <summary>Multiplies what the adapter adds (set_adapters of diffusers). Default 1. While the adapter is fused a change shows only after the next <see cref="Fuse"/>.</summary>
    public double Strength
    {
        get => _switch.Strength;
        set => _switch.Strength = value;
    }

    /// <summary>Whether it takes part in forward passes. Off is the base model to the last bit.</summary>
    public bool IsOn => _switch.IsOn;

    /// <summary>Whether it is in the transformer's own weights.</summary>
    public bool IsFused => _plain is not null;

    /// <summary>All its parameters under the names of the file.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters => _layers.SelectMany(layer => layer.Parameters);

    /// <summary>Attaches the adapter in a file.</summary>
    /// <param name="model">Has no adapter yet.</param>
    /// <param name="path">A file, or a folder that holds pytorch_lora_weights.safetensors.</param>
    /// <param name="type">Type of the parameters; null keeps them as they are on disk. Float32 to train on.</param>
    /// <exception cref="CheckpointException">Something is missing, damaged or not supported.</exception>
    /// <exception cref="CheckpointMismatchException">The tensors do not fit this model; the message lists them.</exception>
    public static CogVideoXLora Open(CogVideoXTransformer model, string path, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var file = LoraFile.Open(path);
        var scales = LoraScales.Of(file);
        var ledger = new WeightLedger.OfCheckpoint(file, type, model.Device);
        var adapter = new CogVideoXLora(model);
        try
        {
            adapter.Attach(file.Paths, layer => (file.RankOf(layer), scales.Of(layer, file.RankOf(layer)), file.Shapes.ContainsKey(layer + LoraFile.Magnitude)), new(ledger, ""));
            ledger.EnsureComplete();
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Attaches a new adapter, which changes nothing yet: B is 0.</summary>
    /// <param name="model">Has no adapter yet.</param>
    /// <param name="config">Rank, alpha and the ends of the names of the layers to change, such as <see cref="AttentionTargets"/>.</param>
    /// <param name="seed">Of A, uniform within ±1/√inputs as peft starts it.</param>
    public static CogVideoXLora Create(CogVideoXTransformer model, LoraConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(config);
        if (config.Decomposed || config.SavedModules.Count > 0)
            throw new NotSupportedException("new adapters of video models are plain LoRA: DoRA and modules kept whole are not supported here.");
        var paths = model.named_modules().Where(m => m.module is Linear && config.Targets.Any(end => m.name == end || m.name.EndsWith("." + end, StringComparison.Ordinal))).Select(m => m.name).ToList();
        if (paths.Count == 0)
            throw new ArgumentException($"no linear layer of this transformer ends in {string.Join(" or ", config.Targets)}.", nameof(config));
        using var generator = new Generator((ulong)seed);
        var adapter = new CogVideoXLora(model);
        adapter.Attach(paths, _ => (config.Rank, config.Scale, false), new(new WeightLedger.OfRandom(generator, ScalarType.Float32, model.Device), ""));
        using var quiet = no_grad();
        foreach (var layer in adapter._layers)
            layer.Start(generator);
        return adapter;
    }

    /// <summary>Switches the adapter off until the result is disposed: the frozen reference of Diffusion-DPO.</summary>
    public IDisposable Off()
    {
        if (IsFused)
            throw new InvalidOperationException("the adapter is fused into the weights: unfuse it before switching it off.");
        _switch.IsOn = false;
        return new BackOn(this);
    }

    /// <summary>Puts the adapter, at its <see cref="Strength"/>, into the transformer's own weights: no cost a step, one copy of the changed weights in memory.</summary>
    public void Fuse()
    {
        Unfuse();
        using var quiet = no_grad();
        _plain = [.. _layers.Select(layer => layer.Layer.Base.clone().DetachFromDisposeScope())];
        PutIn();
        _switch.IsOn = false;
    }

    /// <summary>Puts the adapter, at its <see cref="Strength"/>, into the transformer's own weights for good and frees it: no cost a step, and no second copy.</summary>
    public void Merge()
    {
        Unfuse();
        using var quiet = no_grad();
        PutIn();
        Dispose();
    }

    /// <summary>Takes a fused adapter out again: the weights are what they were, to the last bit. Does nothing when it is not fused.</summary>
    public void Unfuse()
    {
        if (_plain is null)
            return;
        using var quiet = no_grad();
        foreach (var (layer, plain) in _layers.Zip(_plain))
        {
            layer.Layer.Base.copy_(plain);
            plain.Dispose();
        }
        (_plain, _switch.IsOn) = (null, true);
    }

    /// <summary>Writes pytorch_lora_weights.safetensors as diffusers reads it, alphas included.</summary>
    /// <param name="folder">Made when absent.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, FileName), Parameters.Select(p => KeyValuePair.Create(p.Name, (Tensor)p.Value)), new Dictionary<string, string>
        {
            ["format"] = "pt",
            [LoraScales.MetadataKey] = LoraMetadata.Write([.. _layers]),
        });
    }

    /// <summary>Takes the adapter off the transformer, out of its weights too, and frees it.</summary>
    public void Dispose()
    {
        Unfuse();
        foreach (var layer in _layers)
            layer.Detach();
        _layers.Clear();
        if (_model.Adapter == this)
            _model.Adapter = null;
        _switch.IsOn = false;
    }

    private void PutIn()
    {
        foreach (var layer in _layers)
        {
            using var merged = layer.Factors.Merged(layer.Layer.Base);
            layer.Layer.Base.copy_(merged);
        }
    }

    private void Attach(IReadOnlyList<string> paths, Func<string, (int Rank, double Scale, bool IsDecomposed)> numbers, Weights weights)
    {
        if (_model.Adapter is not null)
            throw new InvalidOperationException("the transformer already has an adapter: fuse the weights into a copy, or dispose the adapter first.");
        _model.Adapter = this;
        var modules = _model.named_modules().ToDictionary(m => m.name, m => m.module, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            if (modules.GetValueOrDefault(path) is not Linear layer)
                throw new CheckpointMismatchException($"the adapter changes '{path}', which is no linear layer of this transformer.");
            var (rank, scale, decomposed) = numbers(path);
            _layers.Add(AdaptedLayer.Attach(path, layer, (rank, scale, decomposed), weights.At(path), _switch));
        }
    }

    private sealed class BackOn(CogVideoXLora adapter) : IDisposable
    {
        public void Dispose() => adapter._switch.IsOn = true;
    }
}
