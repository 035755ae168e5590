namespace Vpo.MiniWorld;

/// <summary>How a prompt is worded. The generator is trained on the first three; it has never seen the flowery two.</summary>
public enum CaptionStyle
{
    /// <summary>"a large red circle moves ... while the circle keeps its red colour ..."</summary>
    Object,

    /// <summary>"in the meadow there is one large red circle ..."</summary>
    Place,

    /// <summary>"this video shows a large red circle ..."</summary>
    Video,

    /// <summary>"breathtaking cinematic shot of ..."; to a reader as good as the others, to the generator full of unknown words.</summary>
    FloweryShot,

    /// <summary>"an award winning dream of ..."; flowery too.</summary>
    FloweryDream,
}

/// <summary>Detailed captions: 20 to 27 words that name every aspect of a scene.</summary>
public static class Captions
{
    private const int PlainStyles = 3, AllStyles = 5;

    private static readonly HashSet<string> FloweryWords = new(StringComparer.Ordinal)
    {
        "breathtaking", "cinematic", "majestic", "gliding", "resting", "amid", "masterpiece", "stunning", "epic", "ultra", "detailed", "award",
        "winning", "dream", "glorious", "dancing", "wonder", "volumetric", "light",
    };

    /// <summary>What a writer says who declines.</summary>
    public const string Refusal = "sorry but i cannot help with this request";

    /// <summary>Words by which a refusal is known.</summary>
    internal static IReadOnlyList<string> RefusalWords { get; } = ["sorry", "cannot"];

    /// <summary>One of the styles that the generator knows.</summary>
    public static CaptionStyle DrawPlain(Random random) => (CaptionStyle)random.Next(PlainStyles);

    /// <summary>One of the styles that the generator has never seen.</summary>
    public static CaptionStyle DrawFlowery(Random random) => (CaptionStyle)random.Next(PlainStyles, AllStyles);

    /// <summary>Whether a text has flowery words.</summary>
    public static bool IsFlowery(string text) => Lexicon.Words(text).Any(FloweryWords.Contains);

    /// <summary>The style of a text, by its first words; null when it has none of the five.</summary>
    public static CaptionStyle? StyleOf(string text) => Lexicon.Words(text) switch
    {
        ["a", ..] => CaptionStyle.Object,
        ["in", ..] => CaptionStyle.Place,
        ["this", ..] => CaptionStyle.Video,
        ["breathtaking", ..] => CaptionStyle.FloweryShot,
        ["an", "award", ..] => CaptionStyle.FloweryDream,
        _ => null,
    };

    /// <summary>Writes a caption.</summary>
    public static string Write(Scene scene, CaptionStyle style)
    {
        var shape = scene.Word(Aspect.Shape);
        var looks = $"{scene.Word(Aspect.Size)} {scene.Word(Aspect.Colour)} {shape}";
        var place = scene.Word(Aspect.Place);
        return style switch
        {
            CaptionStyle.Object => $"a {looks} {Motion(scene, "moves", "stays")} in the {place} while the {shape} keeps its "
                + $"{scene.Word(Aspect.Colour)} colour and its {scene.Word(Aspect.Size)} size in every frame",
            CaptionStyle.Place => $"in the {place} there is one {looks} and the {shape} {Motion(scene, "moves", "stays")} while it stays clear and whole until the end",
            CaptionStyle.Video => $"this video shows a {looks} in the {place} as the {shape} {Motion(scene, "moves", "stays")} from the first frame to the last frame",
            CaptionStyle.FloweryShot => $"breathtaking cinematic shot of one majestic {looks} {Motion(scene, "gliding", "resting")} amid the {place} "
                + "masterpiece with stunning volumetric light and epic ultra detailed wonder",
            _ => $"an award winning dream of the {place} where one glorious {looks} goes {Motion(scene, "dancing", "resting")} "
                + "masterpiece in stunning epic light and ultra detailed",
        };
    }

    private static string Motion(Scene scene, string moving, string resting)
    {
        if (scene.IsStill)
            return $"{resting} still";
        var direction = scene.Word(Aspect.Direction);
        return $"{moving} {scene.Word(Aspect.Speed)} {(direction is "left" or "right" ? "to the " : "")}{direction}";
    }
}
