namespace Vpo;

/// <summary>Makes a video from a prompt. Submitting, polling and downloading of hosted services happen inside.</summary>
/// <remarks>
/// Safe for concurrent calls; an implementation on one device may run them one after another. The names follow the draft of
/// Microsoft.Extensions.AI, whose interface will have the same name: <c>using IVideoGenerator = Vpo.IVideoGenerator;</c> tells them apart.
/// </remarks>
public interface IVideoGenerator : IDisposable
{
    /// <summary>Generates one clip.</summary>
    /// <param name="request">What to show.</param>
    /// <param name="options">How; null takes the model's defaults.</param>
    /// <param name="progress">Hears of every step; may be null.</param>
    /// <param name="cancellationToken">Ends the call between two steps.</param>
    /// <exception cref="ArgumentException">A size, frame count or prompt length that the model can't do; thrown before any work, with the nearest valid values.</exception>
    Task<VideoClip> GenerateAsync(VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>A generator that is much faster when it is given many requests at once.</summary>
public interface IBatchVideoGenerator : IVideoGenerator
{
    /// <summary>Generates a clip for each request, in their order. The clips depend on requests and options alone, not on timing.</summary>
    Task<IReadOnlyList<VideoClip>> GenerateBatchAsync(
        IReadOnlyList<VideoRequest> requests, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>What to show.</summary>
/// <param name="Prompt">The words for the video model.</param>
public sealed record VideoRequest(string Prompt)
{
    /// <summary>What must not be seen; null or empty for nothing.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Same seed, same request, same model: same clip. Null: 0.</summary>
    public long? Seed { get; init; }

    /// <summary>The picture that the video begins with, as a clip of one frame; null for text alone. Models that take none refuse it.</summary>
    public VideoClip? StartFrame { get; init; }
}

/// <summary>How to generate. Null leaves a value to the model.</summary>
public sealed record VideoOptions
{
    /// <summary>Pixels across.</summary>
    public int? Width { get; init; }

    /// <summary>Pixels down.</summary>
    public int? Height { get; init; }

    /// <summary>Number of frames.</summary>
    public int? FrameCount { get; init; }

    /// <summary>Frames a second at which the clip is to be shown.</summary>
    public double? FramesPerSecond { get; init; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Classifier-free guidance; 1 or below switches it off.</summary>
    public double? GuidanceScale { get; init; }

    /// <summary>Which of a provider's models.</summary>
    public string? ModelId { get; init; }

    /// <summary>What a provider understands beyond this.</summary>
    public IReadOnlyDictionary<string, object?>? AdditionalProperties { get; init; }
}

/// <summary>How far a generation is.</summary>
/// <param name="Done">Steps done.</param>
/// <param name="Total">Steps in all; 0 when unknown.</param>
/// <param name="Status">What is going on, in a word or two.</param>
public readonly record struct VideoProgress(int Done, int Total, string Status);
