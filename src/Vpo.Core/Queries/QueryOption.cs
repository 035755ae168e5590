namespace Vpo.Queries;

/// <summary>A setting that a user typed into a query for some video tool, such as <c>-ar 16:9</c>.</summary>
/// <param name="Name">What it sets: one of <see cref="QueryOptionNames"/>, or the name as typed, in lower case.</param>
/// <param name="Value">Its value without quotes and outer white space; empty for a switch.</param>
/// <param name="Raw">As it was typed, entities decoded.</param>
public sealed record QueryOption(string Name, string Value, string Raw);

/// <summary>Names of the options that the parser knows by several spellings.</summary>
public static class QueryOptionNames
{
    /// <summary>Width to height: -ar 16:9, --as 16:9, --9:16.</summary>
    public const string AspectRatio = "ar";

    /// <summary>What must not be seen: -neg, negative prompt:, --no.</summary>
    public const string Negative = "neg";

    /// <summary>A camera move: -camera zoom in, -pan left.</summary>
    public const string Camera = "camera";

    /// <summary>Strength of motion: -motion 2, -m 2.</summary>
    public const string Motion = "motion";

    /// <summary>Strength of guidance: -gs 12.</summary>
    public const string Guidance = "gs";

    /// <summary>Frames a second: -fps 24.</summary>
    public const string FramesPerSecond = "fps";

    /// <summary>Seed of the generator: -seed 49.</summary>
    public const string Seed = "seed";

    /// <summary>Text that Pika lays over the video: Message: HELLO (Font: MODERN).</summary>
    public const string Message = "message";

    /// <summary>Letters of the message that stands before it.</summary>
    public const string Font = "font";
}
