namespace Vpo.Video.Hosted;

/// <summary>What is published about video models.</summary>
public static class VideoModels
{
    private const int LongestClip = 4096, T5Tokens = 226;

    /// <summary>Nothing known: everything is allowed.</summary>
    public static VideoCapabilities Any { get; } = new();

    /// <summary>CogVideoX-2B and 5B: 8k + 1 frames up to 49, 8 a second, 226 tokens.</summary>
    public static VideoCapabilities CogVideoX { get; } = new() { SizeMultiple = 16, Frames = new(8, 1, 9, 49), MaxPromptTokens = T5Tokens, StartFrame = StartFrameUse.None };

    /// <summary>CogVideoX-1.5-5B: 8k + 1 frames up to 161, 16 a second, 226 tokens.</summary>
    public static VideoCapabilities CogVideoX15 { get; } = CogVideoX with { Frames = new(8, 1, 9, 161) };

    /// <summary>cogvideox-3 of Zhipu and Z.ai.</summary>
    public static VideoCapabilities CogVideoX3 { get; } = new()
    {
        Sizes = [new(1280, 720), new(720, 1280), new(1024, 1024), new(1920, 1080), new(1080, 1920), new(2048, 1080), new(3840, 2160)],
        Seconds = [5, 10],
        FramesPerSecond = [30, 60],
        MaxPromptCharacters = 512,
        NegativePrompt = false,
        Seed = false,
        Steps = false,
        Guidance = false,
    };

    /// <summary>HunyuanVideo: 4k + 1 frames, 24 a second, 256 tokens.</summary>
    public static VideoCapabilities HunyuanVideo { get; } = new() { SizeMultiple = 16, Frames = new(4, 1, 5, LongestClip), MaxPromptTokens = 256, NegativePrompt = false, StartFrame = StartFrameUse.None };

    /// <summary>Wan 2.1 and 2.2: 4k + 1 frames, 16 a second, 512 tokens.</summary>
    public static VideoCapabilities Wan { get; } = new() { SizeMultiple = 16, Frames = new(4, 1, 5, LongestClip), MaxPromptTokens = 512 };

    /// <summary>LTX-Video: 8k + 1 frames, 128 tokens.</summary>
    public static VideoCapabilities Ltx { get; } = new() { SizeMultiple = 32, Frames = new(8, 1, 9, LongestClip), MaxPromptTokens = 128 };

    /// <summary>Mochi: 6k + 1 frames, 30 a second, 256 tokens.</summary>
    public static VideoCapabilities Mochi { get; } = new() { SizeMultiple = 8, Frames = new(6, 1, 7, LongestClip), MaxPromptTokens = 256, StartFrame = StartFrameUse.None };

    /// <summary>Open-Sora 1.2: 51, 102, 204 or 408 frames (2, 4, 8, 16 seconds at about 24 a second), 300 tokens, no negative prompt.</summary>
    public static VideoCapabilities OpenSora12 { get; } = new() { Frames = new(51, 0, 51, 408), FramesPerSecond = [24], MaxPromptTokens = 300, NegativePrompt = false, StartFrame = StartFrameUse.None };

    /// <summary>Stable Video Diffusion XT: makes a picture move; 25 frames; reads no prompt.</summary>
    public static VideoCapabilities StableVideoDiffusion { get; } = new() { SizeMultiple = 64, Frames = new(1, 0, 14, 25), NegativePrompt = false, StartFrame = StartFrameUse.Required };

    /// <summary>Sora 2: 4, 8 or 12 seconds.</summary>
    public static VideoCapabilities Sora2 { get; } = new()
    {
        Sizes = [new(1280, 720), new(720, 1280)],
        Seconds = [4, 8, 12],
        FramesPerSecond = [24],
        MaxPromptCharacters = 32000,
        NegativePrompt = false,
        Seed = false,
        Steps = false,
        Guidance = false,
    };

    /// <summary>Sora 2 Pro: as <see cref="Sora2"/>, with larger sizes.</summary>
    public static VideoCapabilities Sora2Pro { get; } = Sora2 with { Sizes = [.. Sora2.Sizes, new(1792, 1024), new(1024, 1792)] };

    private static readonly (string Part, VideoCapabilities Found)[] Known =
    [
        ("cogvideox-3", CogVideoX3), ("cogvideox1.5", CogVideoX15), ("cogvideox-1.5", CogVideoX15), ("cogvideox", CogVideoX), ("hunyuan", HunyuanVideo),
        ("wan2", Wan), ("wan-", Wan), ("ltx", Ltx), ("mochi", Mochi), ("open-sora", OpenSora12), ("opensora", OpenSora12),
        ("stable-video", StableVideoDiffusion), ("svd", StableVideoDiffusion), ("sora-2-pro", Sora2Pro), ("sora-2", Sora2),
    ];

    /// <summary>What is known of a model by its name; <see cref="Any"/> for unknown ones.</summary>
    /// <param name="model">As services and repositories write it, such as "THUDM/CogVideoX-5b" or "fal-ai/ltx-video".</param>
    public static VideoCapabilities Find(string? model) =>
        Known.FirstOrDefault(known => model?.Contains(known.Part, StringComparison.OrdinalIgnoreCase) == true).Found ?? Any;
}
