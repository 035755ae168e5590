using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Decoding;
using Vpo.Models.Layers;
using Vpo.Models.Lora;
using Vpo.Models.Native;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Models.Llama;

/// <summary>A LLaMA language model: embedding, decoder layers, final norm and head, under the names of Hugging Face. One class trains and infers.</summary>
/// <remarks>Forward passes may run from several threads at once. The module's <c>to()</c> must not be used: choose type and device when loading.</remarks>
public sealed class LlamaModel : nn.Module<Tensor, Tensor>
{
    private readonly LlamaBody model;
    private readonly Linear? lm_head;
    private readonly Rotary _rotary;

    /// <summary>Takes the parameters; all of them start without gradient: call <see cref="Gradients.RequireGradients"/> to train.</summary>
    /// <param name="config">The numbers.</param>
    /// <param name="weights">A checkpoint, a random start, or shapes only.</param>
    /// <param name="compute">Type of the arithmetic; null: the type of the parameters. Float32 parameters with bfloat16 arithmetic train well.</param>
    public LlamaModel(LlamaConfig config, Weights weights, ScalarType? compute = null) : base(nameof(LlamaModel))
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        LibtorchLoader.EnsureLoaded();
        model = new(config, weights.At("model"));
        if (config.TiedHead)
            weights.Ignore("lm_head.weight");
        else
            lm_head = new(weights.At("lm_head"), config.HiddenSize, config.VocabularySize, hasBias: false, Initialization.Normal(config.InitializerRange));
        Config = config;
        Compute = compute ?? EmbeddingWeight.dtype;
        Device = weights.Device;
        _rotary = new(config, Device.type == TorchSharp.DeviceType.META ? CPU : Device);
        RegisterComponents();
    }

    /// <summary>The numbers it was built from.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The LoRA adapter that is attached; null without one.</summary>
    public LoraAdapter? Adapter
    {
        get;
        internal set
        {
            field = value;
            Engines.Forget();
        }
    }

    /// <summary>What training can change: the model's own parameters, and those of an attached adapter under peft's names.</summary>
    public IEnumerable<(string Name, Parameter Value)> AllParameters =>
        named_parameters().Select(p => (p.name, p.parameter)).Concat(Adapter?.Parameters ?? []);

    /// <summary>The type of the arithmetic, of hidden states and of logits.</summary>
    public ScalarType Compute { get; }

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; }

    /// <summary>What text generation has made of the weights.</summary>
    internal EngineSlot Engines { get; } = new();

    internal LlamaBody Body => model;
    internal Rotary Rotary => _rotary;

    /// <summary>Whether an adapter adds to the head, on or off.</summary>
    internal bool HasAdaptedHead => lm_head?.Factors is not null;

    /// <summary>The embedding table, [vocabulary, H].</summary>
    public Parameter EmbeddingWeight => model.embed_tokens.Weight;

    /// <summary>The head's matrix, [vocabulary, H]: the embedding table itself when tied. For losses that never make all logits.</summary>
    public Parameter HeadWeight => lm_head?.Weight ?? EmbeddingWeight;

    /// <summary>A model with a random start (normal, spread initializer_range): same seed, same start.</summary>
    public static LlamaModel Initialize(LlamaConfig config, long seed, ScalarType type = ScalarType.Float32, ScalarType? compute = null, Device? device = null) =>
        Weights.Initialize(seed, type, device ?? CPU, weights => new LlamaModel(config, weights, compute));

    /// <summary>The model that a checkpoint holds.</summary>
    /// <param name="config">Its numbers.</param>
    /// <param name="checkpoint">Its weights; may be disposed afterwards.</param>
    /// <param name="type">Type of the parameters; null keeps what is on disk (mapped files then cost no copy).</param>
    /// <param name="compute">Type of the arithmetic; null: that of the parameters.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static LlamaModel Load(LlamaConfig config, ICheckpoint checkpoint, ScalarType? type = null, ScalarType? compute = null, Device? device = null) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new LlamaModel(config, weights, compute));

    /// <summary>A second model with its own parameters: a frozen reference, or a bfloat16 copy to sample from.</summary>
    public LlamaModel Copy(ScalarType? type = null, ScalarType? compute = null, Device? device = null)
    {
        using var checkpoint = new ModuleCheckpoint(this);
        return Load(Config, checkpoint, type, compute, device ?? Device);
    }

    /// <summary>Logits of every position.</summary>
    /// <param name="ids">int64 [B, T].</param>
    /// <returns>[B, T, vocabulary].</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return Head(Hidden(ids)).MoveToOuterDisposeScope();
    }

    /// <summary>Final hidden states, after the last norm.</summary>
    /// <param name="ids">int64 [B, T].</param>
    /// <param name="visible">[B, T] with 0 where nobody may look (padding before the text); null when nothing is hidden.
    /// Padding after the text needs none: the causal rule hides it, and the fast path is kept.</param>
    /// <param name="positions">int64 [B, T] or [1, T]; null: 0, 1, 2, ...</param>
    /// <returns>[B, T, H].</returns>
    public Tensor Hidden(Tensor ids, Tensor? visible = null, Tensor? positions = null) => Hidden(ids, visible, positions, null);

    /// <summary>Logits from final hidden states [..., H].</summary>
    public Tensor Head(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        if (lm_head is not null)
            return lm_head.forward(hidden);
        using var scope = NewDisposeScope();
        return nn.functional.linear(hidden, EmbeddingWeight.to(hidden.dtype)).MoveToOuterDisposeScope();
    }

    /// <summary>The same with earlier tokens in a cache, which gets the new ones; <paramref name="visible"/> then covers both, [B, past + T].</summary>
    internal Tensor Hidden(Tensor ids, Tensor? visible, Tensor? positions, KvCache? cache)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.dim() != 2)
            throw new ArgumentException($"ids must be [batch, length], they have {ids.dim()} dimensions.", nameof(ids));
        using var scope = NewDisposeScope();
        var (length, past) = (ids.shape[1], cache?.Length ?? 0);
        var places = positions ?? Scalars.Range(past, past + length, ScalarType.Int64, ids.device).unsqueeze(0);
        var hidden = model.forward(ids, AttentionContext.Create(_rotary, places, visible, cache, Compute), Compute);
        cache?.Advance(length);
        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>Frees the parameters: at once, or when the last running call of a text generator has ended. Calls that begin later fail.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Engines.Close(() => base.Dispose(true));
        else
            base.Dispose(false);
    }
}
