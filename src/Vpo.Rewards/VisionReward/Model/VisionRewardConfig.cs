using Vpo.Models.Checkpoints;

namespace Vpo.Rewards.VisionReward.Model;

/// <summary>Where the frequencies of rotary positions come from. The published ones are stored in bfloat16.</summary>
public enum RopeMode
{
    /// <summary>The file's values, used as float32: what transformers does with the published script. The default.</summary>
    Stored,

    /// <summary>Computed in float32 as θ^(−2i/d).</summary>
    Exact,
}

/// <summary>The numbers of the vision tower (EVA2-CLIP-E in the published model).</summary>
/// <param name="Width">hidden_size.</param>
/// <param name="Layers">num_hidden_layers.</param>
/// <param name="Heads">num_heads.</param>
/// <param name="Intermediate">intermediate_size.</param>
/// <param name="ImageSize">image_size, pixels across and down.</param>
/// <param name="PatchSize">patch_size; the grid of patches has even sides.</param>
/// <param name="Epsilon">layer_norm_eps.</param>
public sealed record EvaConfig(long Width, int Layers, long Heads, long Intermediate, int ImageSize, int PatchSize, double Epsilon)
{
    /// <summary>Patches across and down.</summary>
    public int Side => ImageSize / PatchSize;
}

/// <summary>The numbers of VisionReward-Video (cogvlm2-video-llama3-chat); the defaults are the published model's.</summary>
public sealed record VisionRewardConfig
{
    /// <summary>The vision tower.</summary>
    public EvaConfig Vision { get; init; } = new(1792, 63, 16, 15360, 224, 14, 1e-6);

    /// <summary>hidden_size.</summary>
    public long Width { get; init; } = 4096;

    /// <summary>num_hidden_layers.</summary>
    public int Layers { get; init; } = 32;

    /// <summary>num_attention_heads.</summary>
    public long Heads { get; init; } = 32;

    /// <summary>num_multi_query_heads: heads of keys and values.</summary>
    public long KeyValueHeads { get; init; } = 8;

    /// <summary>intermediate_size, of the language model and of the adapter.</summary>
    public long Intermediate { get; init; } = 14336;

    /// <summary>vocab_size.</summary>
    public long Vocabulary { get; init; } = 128256;

    /// <summary>rms_norm_eps.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>rope_theta; the published config.json does not name it.</summary>
    public double RopeTheta { get; init; } = 500_000;

    /// <summary>bos_token_id.</summary>
    public int BeginId { get; init; } = 128000;

    /// <summary>pad_token_id: stands where a frame's features go.</summary>
    public int PlaceholderId { get; init; } = 128002;

    /// <summary>Width of a head.</summary>
    public long HeadDim => Width / Heads;

    /// <summary>Positions that a frame takes in the sequence: begin of image, a token for each 2x2 patches, end of image. 66 in the published model.</summary>
    public int TokensPerFrame => Vision.Side / 2 * (Vision.Side / 2) + 2;

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong; the message names it.</exception>
    public static VisionRewardConfig Open(string path)
    {
        var json = ConfigReader.Open(path);
        var vision = json.Section("vision_config") ?? throw new CheckpointException($"'{path}' lacks 'vision_config'.");
        var defaults = new VisionRewardConfig();
        var config = new VisionRewardConfig
        {
            Vision = new(vision.Integer("hidden_size"), (int)vision.Integer("num_hidden_layers"), vision.Integer("num_heads"), vision.Integer("intermediate_size"),
                (int)vision.Integer("image_size"), (int)vision.Integer("patch_size"), vision.Number("layer_norm_eps", defaults.Vision.Epsilon)),
            Width = json.Integer("hidden_size"),
            Layers = (int)json.Integer("num_hidden_layers"),
            Heads = json.Integer("num_attention_heads"),
            KeyValueHeads = json.Integer("num_multi_query_heads", defaults.KeyValueHeads),
            Intermediate = json.Integer("intermediate_size"),
            Vocabulary = json.Integer("vocab_size"),
            Epsilon = json.Number("rms_norm_eps", defaults.Epsilon),
            RopeTheta = json.Number("rope_theta", defaults.RopeTheta),
            BeginId = (int)json.Integer("bos_token_id", defaults.BeginId, min: 0),
            PlaceholderId = (int)json.Integer("pad_token_id", defaults.PlaceholderId, min: 0),
        };
        if (config.Width % config.Heads != 0 || config.Heads % config.KeyValueHeads != 0 || config.Vision.Width % config.Vision.Heads != 0)
            throw new CheckpointException($"'{path}': a width is not a multiple of its heads, or the heads not a multiple of num_multi_query_heads.");
        if (config.Vision.Side < 2 || config.Vision.Side % 2 != 0)
            throw new CheckpointException($"'{path}': expected an even number of patches across, found {config.Vision.Side}.");
        return config;
    }
}
