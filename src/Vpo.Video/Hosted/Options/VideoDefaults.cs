namespace Vpo.Video.Hosted;

/// <summary>What a generator takes when a call leaves it open.</summary>
public sealed class VideoDefaults
{
    /// <summary>Which of the provider's models.</summary>
    public string? Model { get; set; }

    /// <summary>Pixels across.</summary>
    public int? Width { get; set; }

    /// <summary>Pixels down.</summary>
    public int? Height { get; set; }

    /// <summary>Number of frames; give this or <see cref="Seconds"/>.</summary>
    public int? FrameCount { get; set; }

    /// <summary>Length in seconds; becomes frames where the frame rate is known, by the model's own rule.</summary>
    public double? Seconds { get; set; }

    /// <summary>Frames a second.</summary>
    public double? FramesPerSecond { get; set; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; set; }

    /// <summary>Classifier-free guidance.</summary>
    public double? GuidanceScale { get; set; }

    /// <summary>What the provider understands beyond this, by its own names; numbers, true and false, lists and objects are sent as such.</summary>
    public IDictionary<string, string> Extra { get; } = new Dictionary<string, string>();
}
