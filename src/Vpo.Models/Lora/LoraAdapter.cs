using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Layers;
using Vpo.Models.Llama;
using static TorchSharp.torch;
using Embedding = Vpo.Models.Layers.Embedding;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Models.Lora;

/// <summary>A LoRA, rsLoRA or DoRA adapter on a model: loaded from or saved to peft's layout, trained, switched off, merged.</summary>
/// <remarks>One adapter a model. The adapter owns its parameters and is disposed after the model's last use.</remarks>
public sealed class LoraAdapter : IDisposable
{
    internal const string Prefix = "base_model.model.";

    private readonly LlamaModel _model;
    private readonly LoraSwitch _switch = new();
    private readonly List<(string Path, Linear Layer, LoraFactors Factors)> _factors = [];
    private readonly List<(string Path, nn.Module Layer, WholeParameter Whole)> _whole = [];

    private LoraAdapter(LlamaModel model, LoraConfig config) => (_model, Config) = (model, config);

    /// <summary>Its numbers.</summary>
    public LoraConfig Config { get; }

    /// <summary>Whether it takes part in forward passes. Off is the base model to the last bit, saved modules included.</summary>
    public bool IsOn
    {
        get => _switch.IsOn;
        set => _switch.IsOn = value;
    }

    /// <summary>All its parameters under the names of peft's files.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters =>
        _whole.Select(w => ($"{Prefix}{w.Path}.weight", w.Whole.Value)).Concat(_factors.SelectMany(f => Named(f.Path, f.Factors)));

    /// <summary>Attaches the adapter in a folder.</summary>
    /// <param name="model">The base model; has no adapter yet.</param>
    /// <param name="folder">Holds adapter_config.json and adapter_model.safetensors.</param>
    /// <exception cref="CheckpointException">Something is missing, damaged or not supported.</exception>
    /// <exception cref="CheckpointMismatchException">The tensors do not fit this model; the message lists them.</exception>
    public static LoraAdapter Open(LlamaModel model, string folder)
    {
        var config = LoraConfig.Open(folder);
        using var file = AdapterFile.Open(folder);
        var (adapted, whole) = (file.Paths(".lora_A.weight"), file.WholePaths());
        var ledger = new WeightLedger.OfCheckpoint(file, null, model.Device);
        var adapter = Attach(model, config, adapted, whole, new(ledger, ""));
        try
        {
            ledger.EnsureComplete();
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Attaches a new adapter, which changes nothing yet: B is 0, and DoRA's lengths are those of the rows.</summary>
    /// <param name="model">The base model; has no adapter yet. Its own parameters should not require gradients.</param>
    /// <param name="config">Its numbers and targets.</param>
    /// <param name="seed">Of A, uniform within ±1/√inputs as peft starts it.</param>
    public static LoraAdapter Create(LlamaModel model, LoraConfig config, long seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(config);
        var names = model.named_modules().Where(m => m.module is Linear or Embedding).Select(m => m.name).ToList();
        List<string> Matching(IReadOnlyList<string> ends) => [.. names.Where(name => ends.Any(end => name == end || name.EndsWith("." + end, StringComparison.Ordinal)))];
        using var generator = new Generator((ulong)seed);
        var adapter = Attach(model, config, Matching(config.Targets), Matching(config.SavedModules), new(new WeightLedger.OfRandom(generator, ScalarType.Float32, model.Device), ""));
        adapter.Start(generator);
        return adapter;
    }

    /// <summary>Switches the adapter off until the result is disposed: the frozen reference of DPO.</summary>
    public IDisposable Off()
    {
        IsOn = false;
        return new BackOn(this);
    }

    /// <summary>Puts the adapter into the model's own weights and lets it go; the adapter is of no use afterwards.</summary>
    /// <remarks>In place, in float32, then rounded to the weights' type.</remarks>
    public void Merge()
    {
        using var guard = no_grad();
        foreach (var (_, layer, factors) in _factors)
        {
            using var merged = factors.Merged(layer.Base);
            layer.Base.copy_(merged);
        }
        foreach (var (path, layer, whole) in _whole)
            BaseOf(layer).copy_(whole.Value);
        Dispose();
    }

    /// <summary>Writes adapter_config.json and adapter_model.safetensors as peft reads them.</summary>
    /// <param name="folder">Is made if it does not exist.</param>
    /// <param name="type">Type of the numbers on disk; null keeps the adapter's. Half the bytes in float16, which holds the small numbers of an adapter more exactly than bfloat16.</param>
    public void Save(string folder, ScalarType? type = null)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(folder, "adapter_model.safetensors"), Parameters.Select(p => KeyValuePair.Create(p.Name, p.Value.detach().to(type ?? p.Value.dtype))), new Dictionary<string, string> { ["format"] = "pt" });
        Config.Save(folder);
    }

    /// <summary>Takes the adapter off the model and frees it.</summary>
    public void Dispose()
    {
        foreach (var (_, layer, _) in _factors)
            layer.Attach((LoraFactors?)null);
        foreach (var (_, layer, _) in _whole)
            Attach(layer, null);
        foreach (var (_, parameter) in Parameters.ToList())
            parameter.Dispose();
        (_model.Adapter, IsOn) = (null, false);
        _factors.Clear();
        _whole.Clear();
    }

    private static LoraAdapter Attach(LlamaModel model, LoraConfig config, IReadOnlyList<string> adapted, IReadOnlyList<string> whole, Weights weights)
    {
        if (model.Adapter is not null)
            throw new InvalidOperationException("the model already has an adapter: merge or dispose it first.");
        var adapter = new LoraAdapter(model, config);
        try
        {
            adapter.Attach(adapted, whole, weights);
        }
        catch
        {
            adapter.Dispose();   // or the model would go on with a half of it
            throw;
        }
        model.Adapter = adapter;
        return adapter;
    }

    private void Attach(IReadOnlyList<string> adapted, IReadOnlyList<string> whole, Weights weights)
    {
        var layers = _model.named_modules().ToDictionary(m => m.name, m => m.module, StringComparer.Ordinal);
        foreach (var path in adapted)
        {
            if (!layers.TryGetValue(path, out var module) || module is not Linear layer)
                throw new CheckpointMismatchException($"the adapter changes '{path}', which is no linear layer of this model.");
            var place = weights.At(path);
            var (outputs, inputs) = (layer.Base.shape[0], layer.Base.shape[1]);
            var magnitude = Config.Decomposed ? place.Take("lora_magnitude_vector", Initialization.Ones, outputs) : null;
            var factors = new LoraFactors(
                new(place.At("lora_A"), inputs, Config.Rank, hasBias: false), new(place.At("lora_B"), Config.Rank, outputs, hasBias: false, Initialization.Zeros), magnitude, Config.Scale, _switch);
            _factors.Add((path, layer, factors));
            layer.Attach(factors);
        }
        foreach (var path in whole)
            AttachWhole(path, layers.GetValueOrDefault(path), weights);
    }

    private void AttachWhole(string path, nn.Module? layer, Weights weights)
    {
        if (layer is not (Linear or Embedding))
            throw new CheckpointMismatchException($"the adapter keeps '{path}' whole, which is no linear layer or embedding of this model.");
        var whole = new WholeParameter(weights.At(path).Take("weight", Initialization.Zeros, BaseOf(layer).shape), _switch);
        _whole.Add((path, layer, whole));
        Attach(layer, whole);
    }

    private void Start(Generator generator)
    {
        using var guard = no_grad();
        foreach (var (_, layer, factors) in _factors)
        {
            var bound = 1 / Math.Sqrt(layer.Base.shape[1]);
            factors.A.Weight.uniform_(-bound, bound, generator);
            if (factors.Magnitude is { } magnitude)
            {
                using var lengths = factors.RowLengths(layer.Base);
                magnitude.copy_(lengths);
            }
        }
        foreach (var (_, layer, whole) in _whole)
            whole.Value.copy_(BaseOf(layer));
    }

    private static void Attach(nn.Module layer, WholeParameter? whole)
    {
        if (layer is Linear linear)
            linear.Attach(whole);
        else
            ((Embedding)layer).Attach(whole);
    }

    private static Parameter BaseOf(nn.Module layer) => layer is Linear linear ? linear.Base : ((Embedding)layer).Base;

    private static IEnumerable<(string, Parameter)> Named(string path, LoraFactors factors)
    {
        yield return ($"{Prefix}{path}.lora_A.weight", factors.A.Weight);
        yield return ($"{Prefix}{path}.lora_B.weight", factors.B.Weight);
        if (factors.Magnitude is { } magnitude)
            yield return ($"{Prefix}{path}.lora_magnitude_vector", magnitude);
    }

    private sealed class BackOn(LoraAdapter adapter) : IDisposable
    {
        public void Dispose() => adapter.IsOn = true;
    }
}
