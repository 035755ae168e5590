namespace Vpo.Video.Hosted;

/// <summary>A size in pixels.</summary>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
public readonly record struct VideoSize(int Width, int Height)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Width}x{Height}");
}

/// <summary>Which numbers of frames a model makes: <c>Step · k + Offset</c>.</summary>
/// <param name="Step">Frames of one latent frame.</param>
/// <param name="Offset">What is over: 1 for causal video autoencoders.</param>
/// <param name="Min">The fewest.</param>
/// <param name="Max">The most.</param>
public readonly record struct FrameRule(int Step, int Offset, int Min, int Max)
{
    /// <summary>Whether the model makes so many.</summary>
    public bool Allows(int frames) => frames >= Min && frames <= Max && (frames - Offset) % Step == 0;

    /// <summary>The allowed numbers next to one that is not: one or two.</summary>
    public IReadOnlyList<int> Near(double frames)
    {
        var (first, last) = (Up(Min), Down(Max));
        var below = Math.Clamp(Down((int)Math.Floor(Math.Clamp(frames, int.MinValue / 2, int.MaxValue / 2))), first, last);
        var above = Math.Clamp(below + Step, first, last);
        return frames <= first ? [first] : frames >= last || above == below ? [last] : [below, above];
    }

    /// <summary>The allowed number nearest to a wish; the smaller of two equally near.</summary>
    public int Nearest(double frames) => Near(frames).MinBy(allowed => Math.Abs(allowed - frames));

    private int Down(int frames) => frames - Remainder(frames - Offset);

    private int Up(int frames) => Remainder(frames - Offset) == 0 ? frames : Down(frames) + Step;

    private int Remainder(int frames) => ((frames % Step) + Step) % Step;
}

/// <summary>Whether a model takes a first frame.</summary>
public enum StartFrameUse
{
    /// <summary>It can be given or left out.</summary>
    Optional,

    /// <summary>The model makes videos from text alone.</summary>
    None,

    /// <summary>The model makes a picture move and needs one.</summary>
    Required,
}

/// <summary>What a video model can do, as data; requests are held against it before anything is sent.</summary>
public sealed record VideoCapabilities
{
    /// <summary>The sizes on offer; empty: any in multiples of <see cref="SizeMultiple"/>.</summary>
    public IReadOnlyList<VideoSize> Sizes { get; init; } = [];

    /// <summary>Width and height must be multiples of it. Default 1.</summary>
    public int SizeMultiple { get; init; } = 1;

    /// <summary>Which numbers of frames it makes; null: any.</summary>
    public FrameRule? Frames { get; init; }

    /// <summary>The lengths on offer, in seconds; empty: any.</summary>
    public IReadOnlyList<double> Seconds { get; init; } = [];

    /// <summary>The frame rates on offer; empty: any.</summary>
    public IReadOnlyList<double> FramesPerSecond { get; init; } = [];

    /// <summary>Most characters of a prompt; null: not limited.</summary>
    public int? MaxPromptCharacters { get; init; }

    /// <summary>Most tokens that the model's text encoder reads; null: not limited. Prompts with more words than that are refused, since a word is at least one token.</summary>
    public int? MaxPromptTokens { get; init; }

    /// <summary>Whether it takes a negative prompt.</summary>
    public bool NegativePrompt { get; init; } = true;

    /// <summary>Whether a seed reaches the model. Without: requests with different seeds are different samples all the same, but one can't be made again.</summary>
    public bool Seed { get; init; } = true;

    /// <summary>Whether the number of denoising steps can be chosen.</summary>
    public bool Steps { get; init; } = true;

    /// <summary>Whether guidance can be chosen.</summary>
    public bool Guidance { get; init; } = true;

    /// <summary>Whether it takes a first frame.</summary>
    public StartFrameUse StartFrame { get; init; }
}
