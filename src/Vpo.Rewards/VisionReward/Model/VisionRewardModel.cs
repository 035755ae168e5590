using TorchSharp;
using TorchSharp.Modules;
using Vpo.Models.Checkpoints;
using Vpo.Models.Native;
using Vpo.Models.Tensors;
using static TorchSharp.torch;
using Embedding = Vpo.Models.Layers.Embedding;
using Linear = Vpo.Models.Layers.Linear;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>What the checkpoint keeps under "model.".</summary>
internal sealed class VisionRewardBody : nn.Module
{
    internal readonly Embedding embed_tokens;
    internal readonly ModuleList<LanguageLayer> layers;
    internal readonly LateCastNorm norm;
    internal readonly VideoEncoder vision;

    public VisionRewardBody(VisionRewardConfig config, Weights weights) : base(nameof(VisionRewardBody))
    {
        embed_tokens = new(weights.At("embed_tokens"), config.Vocabulary, config.Width);
        layers = new([.. Enumerable.Range(0, config.Layers).Select(i => new LanguageLayer(config, i, weights.At($"layers.{i}")))]);
        norm = new(weights.At("norm"), config);
        vision = new(config, weights.At("vision"));
        RegisterComponents();
    }
}

/// <summary>The first token of a reply.</summary>
/// <param name="Id">The most likely one.</param>
/// <param name="Chance">Of yes among yes and no; null where these are no single tokens.</param>
/// <param name="IsFinite">Whether all logits were numbers.</param>
public readonly record struct FirstReply(int Id, double? Chance, bool IsFinite);

/// <summary>VisionReward-Video: a vision tower, an adapter and LLaMA-3 that answers questions about a video. Names are those of the published shards (1,029 tensors).</summary>
/// <remarks>A video is read once (<see cref="Read"/>) and its keys and values serve all questions (<see cref="Ask"/>). Passes may run from several threads at once.</remarks>
public sealed class VisionRewardModel : nn.Module
{
    // Bounds the memory of a pass over questions, whatever their number.
    private const int TokensAtOnce = 512;

    private readonly VisionRewardBody model;
    private readonly Linear lm_head;
    private readonly RopeMode _rope;

    /// <summary>Takes the parameters.</summary>
    public VisionRewardModel(VisionRewardConfig config, Weights weights, RopeMode rope = RopeMode.Stored) : base(nameof(VisionRewardModel))
    {
        LibtorchLoader.EnsureLoaded();
        (Config, Device, _rope) = (config, weights.Device, rope);
        model = new(config, weights.At("model"));
        lm_head = new(weights.At("lm_head"), config.Width, config.Vocabulary, hasBias: false);
        RegisterComponents();
    }

    /// <summary>Its numbers.</summary>
    public VisionRewardConfig Config { get; }

    /// <summary>Where it lives.</summary>
    public Device Device { get; }

    /// <summary>The model that a checkpoint holds.</summary>
    /// <param name="config">Its numbers.</param>
    /// <param name="checkpoint">Its weights; may be disposed afterwards.</param>
    /// <param name="type">Type of the parameters and of the arithmetic; null keeps what is on disk (bfloat16 as published).</param>
    /// <param name="device">Null: the CPU.</param>
    /// <param name="rope">Frequencies of rotary positions.</param>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static VisionRewardModel Load(VisionRewardConfig config, ICheckpoint checkpoint, ScalarType? type = null, Device? device = null, RopeMode rope = RopeMode.Stored) =>
        Weights.Build(checkpoint, type, device ?? CPU, weights => new VisionRewardModel(config, weights, rope));

    /// <summary>Reads a video.</summary>
    /// <param name="pixels">[frames, 3, size, size] from <see cref="Preprocessing.VisionRewardFrames"/>.</param>
    /// <param name="numbers">For each frame the tokens of its number.</param>
    /// <returns>Dispose it after the last question.</returns>
    public VideoPrefix Read(Tensor pixels, IReadOnlyList<IReadOnlyList<int>> numbers)
    {
        if (numbers.Count != pixels.shape[0])
            throw new ArgumentException($"expected the number of each of {pixels.shape[0]} frames, found {numbers.Count}", nameof(numbers));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (ids, vision) = VideoPrompt.Prefix(Config, numbers);
        var positions = VideoPrompt.Positions(vision);
        List<(Tensor, Tensor)> kept = [];
        Run(Embed(ids, vision, model.vision.forward(pixels.to(Device))), new(Angles(positions), null, null, kept));
        return new(kept, positions[^1] + 1);
    }

    /// <summary>The logits of each question's first reply token.</summary>
    /// <param name="video">The video.</param>
    /// <param name="questions">Each the tokens of a whole question with its template, without begin.</param>
    /// <returns>[questions, vocabulary], float32.</returns>
    public Tensor Ask(VideoPrefix video, IReadOnlyList<IReadOnlyList<int>> questions)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return cat([.. Trees(questions).Select(tree => AskAll(video, tree))], 0).MoveToOuterDisposeScope();
    }

    /// <summary>Each question's most likely first reply token. Logits are dropped as they come, so memory does not grow with the questions.</summary>
    /// <param name="video">The video.</param>
    /// <param name="questions">As above.</param>
    /// <param name="words">The tokens of "yes" and "no", to know the chance of yes among both; null where they are no single tokens.</param>
    public IReadOnlyList<FirstReply> Answer(VideoPrefix video, IReadOnlyList<IReadOnlyList<int>> questions, (int Yes, int No)? words)
    {
        using var quiet = no_grad();
        List<FirstReply> replies = [];
        foreach (var tree in Trees(questions))
        {
            using var scope = NewDisposeScope();
            var logits = AskAll(video, tree);
            var (ids, finite) = (logits.argmax(-1).cpu().data<long>().ToArray(), logits.isfinite().all(-1).cpu().data<bool>().ToArray());
            var chances = words is { } w ? logits.select(1, w.Yes).Minus(logits.select(1, w.No)).sigmoid().cpu().data<float>().ToArray() : null;
            replies.AddRange(ids.Select((id, i) => new FirstReply((int)id, chances?[i], finite[i])));
        }
        return replies;
    }

    /// <summary>Final hidden states of a whole sequence in one pass without a cache: for comparing.</summary>
    internal Tensor Hidden(Tensor embeddings, IReadOnlyList<long> positions)
    {
        using var scope = NewDisposeScope();
        return Run(embeddings, new(Angles(positions), null, null, null)).MoveToOuterDisposeScope();
    }

    internal Tensor Head(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return lm_head.forward(hidden).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>[1, T, width]: embeddings of words, features of frames in their places.</summary>
    internal Tensor Embed(IReadOnlyList<int> ids, IReadOnlyList<bool> vision, Tensor features)
    {
        using var scope = NewDisposeScope();
        var words = model.embed_tokens.forward(Whole(ids.Select(i => (long)i)));
        var places = Whole(Enumerable.Range(0, ids.Count).Where(i => vision[i]).Select(i => (long)i));
        return words.index_copy(0, places, features.reshape(-1, Config.Width).to(words.dtype)).unsqueeze(0).MoveToOuterDisposeScope();
    }

    internal VideoEncoder Vision => model.vision;

    internal Tensor FirstLayer(Tensor embeddings, IReadOnlyList<long> positions) => model.layers[0].forward(embeddings, new(Angles(positions), null, null, null));

    private static IEnumerable<QuestionTree> Trees(IReadOnlyList<IReadOnlyList<int>> questions)
    {
        for (var next = 0; next < questions.Count;)
        {
            var tree = new QuestionTree();
            do
                tree.Add(questions[next++]);
            while (next < questions.Count && tree.Ids.Count + questions[next].Count <= TokensAtOnce);
            yield return tree;
        }
    }

    private Tensor AskAll(VideoPrefix video, QuestionTree tree)
    {
        using var scope = NewDisposeScope();
        var words = model.embed_tokens.forward(Whole(tree.Ids.Select(i => (long)i))).unsqueeze(0);
        var mask = tensor(tree.Mask(video.Length), [1, 1, tree.Ids.Count, video.Length + tree.Ids.Count]).to(words.dtype, Device);
        var hidden = Run(words, new(Angles([.. tree.Depths.Select(d => video.NextPosition + d)]), mask, video.Layers, null));
        return Head(hidden.squeeze(0).index_select(0, Whole(tree.Ends.Select(e => (long)e)))).MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor x, LanguageContext context)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in model.layers)
            x = layer.forward(x, context);
        return model.norm.forward(x).MoveToOuterDisposeScope();
    }

    private Tensor Angles(IReadOnlyList<long> positions)
    {
        using var scope = NewDisposeScope();
        var frequencies = _rope == RopeMode.Stored ? model.layers[0].Frequencies.to(ScalarType.Float32)
            : tensor(Enumerable.Range(0, (int)Config.HeadDim / 2).Select(i => (float)(1 / Math.Pow(Config.RopeTheta, 2.0 * i / Config.HeadDim))).ToArray(), device: Device);
        return Whole(positions).to(ScalarType.Float32).unsqueeze(1).mul(frequencies).MoveToOuterDisposeScope();
    }

    private Tensor Whole(IEnumerable<long> numbers) => tensor(numbers.ToArray(), ScalarType.Int64, Device);
}
