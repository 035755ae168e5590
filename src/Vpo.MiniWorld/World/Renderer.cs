namespace Vpo.MiniWorld;

/// <summary>Draws a scene: 32 x 32 pixels, nine frames, one moving shape with smooth edges on a background of two tones.</summary>
public static class Renderer
{
    /// <summary>Pixels across and down.</summary>
    public const int Side = 32;

    /// <summary>Frames of a clip.</summary>
    public const int FrameCount = 9;

    /// <summary>Frames a second.</summary>
    public const double FramesPerSecond = 8;

    internal const int Horizon = 20;
    private const double Jitter = 0.15;

    internal static readonly double[] Radii = [5.2, 8.4];
    internal static readonly double[] Travels = [6.4, 14];

    /// <summary>Draws a clip.</summary>
    /// <param name="scene">What to show.</param>
    /// <param name="random">Shifts the path by up to 15 % of the room that it leaves.</param>
    public static VideoClip Render(Scene scene, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var radius = Radii[scene.Size];
        var (stepX, stepY) = Velocity(scene);
        var (startX, startY) = (Start(stepX, radius, random), Start(stepY, radius, random));
        var bytes = new byte[FrameCount * Side * Side * 3];
        for (var frame = 0; frame < FrameCount; frame++)
            Draw(bytes.AsSpan(frame * Side * Side * 3, Side * Side * 3), scene, startX + frame * stepX, startY + frame * stepY);
        return new(bytes, Side, Side, FramesPerSecond) { ModelId = "mini-world-renderer" };
    }

    private static (double X, double Y) Velocity(Scene scene)
    {
        var step = Travels[scene.Speed] / (FrameCount - 1);
        return scene.Direction switch { 0 => (-step, 0), 1 => (step, 0), 2 => (0, -step), 3 => (0, step), _ => (0, 0) };
    }

    /// <summary>Where the path starts on one axis, so that it is centred up to the jitter and never leaves the picture.</summary>
    private static double Start(double step, double radius, Random random)
    {
        var travel = step * (FrameCount - 1);
        var room = Side - 2 * radius - Math.Abs(travel);
        return Side / 2.0 - travel / 2 + room * Jitter * (random.NextDouble() - 0.5);
    }

    private static void Draw(Span<byte> frame, Scene scene, double centreX, double centreY)
    {
        var paint = Palette.Colours[scene.Colour];
        var radius = Radii[scene.Size];
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var ground = Palette.Background(scene.Place, y);
                var cover = Outlines.Coverage(scene.Shape, x + 0.5 - centreX, y + 0.5 - centreY, radius);
                var pixel = frame.Slice((y * Side + x) * 3, 3);
                for (var channel = 0; channel < 3; channel++)
                    pixel[channel] = (byte)Math.Round(ground[channel] + cover * (paint[channel] - ground[channel]));
            }
    }
}
