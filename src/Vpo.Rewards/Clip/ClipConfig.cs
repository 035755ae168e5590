using Vpo.Models.Checkpoints;

namespace Vpo.Rewards.Clip;

/// <summary>The activation between the two layers of a block.</summary>
public enum ClipActivation
{
    /// <summary>x·σ(1.702 x): OpenAI's models.</summary>
    QuickGelu,

    /// <summary>The exact one, with the error function: LAION's models.</summary>
    Gelu,
}

/// <summary>The numbers of one of CLIP's two towers.</summary>
/// <param name="Width">hidden_size.</param>
/// <param name="Layers">num_hidden_layers.</param>
/// <param name="Heads">num_attention_heads; divides the width.</param>
/// <param name="Intermediate">intermediate_size.</param>
/// <param name="Epsilon">layer_norm_eps.</param>
/// <param name="Activation">hidden_act.</param>
public sealed record ClipTower(long Width, int Layers, long Heads, long Intermediate, double Epsilon, ClipActivation Activation)
{
    internal static ClipTower Read(ConfigReader section, ClipTower defaults)
    {
        var tower = new ClipTower(
            section.Integer("hidden_size", defaults.Width),
            (int)section.Integer("num_hidden_layers", defaults.Layers),
            section.Integer("num_attention_heads", defaults.Heads),
            section.Integer("intermediate_size", defaults.Intermediate),
            section.Number("layer_norm_eps", defaults.Epsilon),
            section.Text("hidden_act") switch
            {
                null or "quick_gelu" => ClipActivation.QuickGelu,
                "gelu" => ClipActivation.Gelu,
                var other => throw new CheckpointException($"'{section.Location}': expected hidden_act quick_gelu or gelu, found '{other}'."),
            });
        return tower.Width % tower.Heads == 0 ? tower
            : throw new CheckpointException($"'{section.Location}': hidden_size {tower.Width} is not a multiple of num_attention_heads {tower.Heads}.");
    }
}

/// <summary>The numbers of a CLIP model, from Hugging Face's config.json; what the file leaves out has the values of ViT-B/32.</summary>
public sealed record ClipConfig
{
    // Where config.json says 2, from before the id was right there, the end is the greatest id of a text.
    private const int LegacyEnd = 2;

    /// <summary>The text tower.</summary>
    public ClipTower Text { get; init; } = new(512, 12, 8, 2048, 1e-5, ClipActivation.QuickGelu);

    /// <summary>The picture tower.</summary>
    public ClipTower Vision { get; init; } = new(768, 12, 12, 3072, 1e-5, ClipActivation.QuickGelu);

    /// <summary>projection_dim: width of the common space.</summary>
    public long Projection { get; init; } = 512;

    /// <summary>vocab_size.</summary>
    public long Vocabulary { get; init; } = 49408;

    /// <summary>max_position_embeddings: greatest number of tokens of a text.</summary>
    public int Context { get; init; } = 77;

    /// <summary>image_size: pixels across and down.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>patch_size: pixels across and down.</summary>
    public int PatchSize { get; init; } = 32;

    /// <summary>eos_token_id, at whose first place a text is read out; null takes the place of the greatest id.</summary>
    public int? EndId { get; init; }

    /// <summary>ViT-L/14, 224 pixels.</summary>
    public static ClipConfig L14 { get; } = new()
    {
        Text = new(768, 12, 12, 3072, 1e-5, ClipActivation.QuickGelu),
        Vision = new(1024, 24, 16, 4096, 1e-5, ClipActivation.QuickGelu),
        Projection = 768,
        PatchSize = 14,
    };

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="CheckpointException">A value is wrong or not supported; the message names it.</exception>
    public static ClipConfig Open(string path)
    {
        var json = ConfigReader.Open(path);
        if (json.Text("model_type") is { } type && type != "clip")
            throw new CheckpointException($"'{path}': expected model_type 'clip', found '{type}'.");
        var defaults = new ClipConfig();
        var text = json.Section("text_config") ?? throw new CheckpointException($"'{path}' lacks 'text_config'.");
        var vision = json.Section("vision_config") ?? throw new CheckpointException($"'{path}' lacks 'vision_config'.");
        var end = text.Ids("eos_token_id") is [var id, ..] ? id : (int?)null;
        return new()
        {
            Text = ClipTower.Read(text, defaults.Text),
            Vision = ClipTower.Read(vision, defaults.Vision),
            Projection = json.Integer("projection_dim", defaults.Projection),
            Vocabulary = text.Integer("vocab_size", defaults.Vocabulary),
            Context = (int)text.Integer("max_position_embeddings", defaults.Context),
            ImageSize = (int)vision.Integer("image_size", defaults.ImageSize),
            PatchSize = (int)vision.Integer("patch_size", defaults.PatchSize),
            EndId = end == LegacyEnd ? null : end,
        };
    }
}
