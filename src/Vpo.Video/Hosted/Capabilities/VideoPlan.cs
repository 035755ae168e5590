using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>A request with all that decides its clip, in the terms of no provider.</summary>
internal sealed record VideoPlan
{
    public required string Prompt { get; init; }
    public string NegativePrompt { get; init; } = "";
    public long Seed { get; init; }
    public int? Width { get; init; }
    public int? Height { get; init; }
    public int? Frames { get; init; }
    public double? Rate { get; init; }
    public double? Seconds { get; init; }
    public int? Steps { get; init; }
    public double? Guidance { get; init; }
    public string? Model { get; init; }

    /// <summary>The first frame as a PNG file.</summary>
    public byte[]? StartFrame { get; init; }

    /// <summary>What the provider understands beyond this, by its own names.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Extra { get; init; } = new Dictionary<string, JsonNode?>();

    public VideoSize? Size => Width is { } width && Height is { } height ? new(width, height) : null;

    /// <summary>The length in whole seconds, for services that know no frames; null when it is left to the service.</summary>
    /// <exception cref="ArgumentException">Frames are given, but not how many make a second.</exception>
    public int? WholeSeconds => Seconds is { } seconds
        ? (int)Math.Round(seconds)
        : Frames is null ? null : throw new ArgumentException($"{Model ?? "this generator"} takes a length in seconds, not in frames: set FramesPerSecond too, or Defaults.Seconds instead");

    /// <summary>Hash of everything that decides the clip, and of where it is made.</summary>
    public string IdAt(string service) => ContentId.Of(
        "clip", service, Prompt, NegativePrompt, Model, Text(Seed), Text(Width), Text(Height), Text(Frames), Text(Rate), Text(Seconds), Text(Steps), Text(Guidance),
        StartFrame is null ? null : Convert.ToHexStringLower(SHA256.HashData(StartFrame)),
        string.Join('\n', Extra.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Key + "=" + e.Value?.ToJsonString())));

    /// <summary>The request, completed by the generator's own settings, and checked.</summary>
    /// <exception cref="ArgumentException">The model can't do it; the message has the nearest valid values.</exception>
    public static VideoPlan Of(VideoRequest request, VideoOptions? options, VideoDefaults usual, VideoCapabilities can)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.StartFrame is { FrameCount: not 1 } start)
            throw new ArgumentException($"expected a start frame of one frame, found a clip of {start.FrameCount}");
        var rate = options?.FramesPerSecond ?? usual.FramesPerSecond ?? (can.FramesPerSecond is [var only] ? only : null);
        var (frames, seconds) = LengthOf(options?.FrameCount ?? usual.FrameCount, options?.FrameCount is null ? usual.Seconds : null, rate, can);
        var plan = new VideoPlan
        {
            Prompt = request.Prompt,
            NegativePrompt = request.NegativePrompt ?? "",
            Seed = request.Seed ?? 0,
            Width = options?.Width ?? usual.Width,
            Height = options?.Height ?? usual.Height,
            Frames = frames,
            Seconds = seconds,
            Rate = rate,
            Steps = options?.Steps ?? usual.Steps,
            Guidance = options?.GuidanceScale ?? usual.GuidanceScale,
            Model = options?.ModelId ?? usual.Model,
            StartFrame = request.StartFrame is { } frame ? new PngPicture(frame.Frames, frame.Width, frame.Height, null).Encode() : null,
            Extra = ExtraOf(options, usual),
        };
        CapabilityCheck.Check(plan, can);
        return plan;
    }

    /// <summary>Frames from seconds, by the model's rule, and seconds from frames; what can't be known stays open.</summary>
    private static (int? Frames, double? Seconds) LengthOf(int? frames, double? seconds, double? rate, VideoCapabilities can)
    {
        if (seconds is { } wanted && rate is { } fast)
            return (can.Frames is { } rule ? rule.Nearest(wanted * fast) : (int)Math.Round(wanted * fast), wanted);
        return (frames, seconds ?? (frames is { } count && rate is > 0 ? count / rate : null));
    }

    private static Dictionary<string, JsonNode?> ExtraOf(VideoOptions? options, VideoDefaults usual)
    {
        var extra = usual.Extra.ToDictionary(e => e.Key, e => Parse(e.Value));
        foreach (var (key, value) in options?.AdditionalProperties ?? new Dictionary<string, object?>())
            extra[key] = value as JsonNode ?? JsonSerializer.SerializeToNode(value);
        return extra;
    }

    /// <summary>Configuration has texts only: what reads as a number, a truth value, a list or an object is taken as one.</summary>
    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private static string? Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture);
}
