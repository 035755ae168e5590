using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SkiaSharp;

namespace Vpo.Training;

/// <summary>
/// A plot's SVG as a PNG picture: the same file drawn by Skia, so that both show the same. It knows what plots are made of (lines, paths, texts on one line,
/// their style sheet) and refuses everything else. Texts are in a font of its own (Roboto, Apache-2.0),
/// so that no machine needs one.
/// </summary>
internal static partial class PlotPicture
{
    /// <summary>Pixels for a unit of the drawing.</summary>
    public const int Scale = 2;

    private const int Effort = 4;   // of zlib, from 0 to 9
    private const string Library = "libSkiaSharp", Font = "PlotFont.ttf";

    private static readonly Lazy<bool> Loads = new(() => NativeLibrary.TryLoad(Library, typeof(SKBitmap).Assembly, null, out _));
    private static readonly Lazy<SKTypeface> Typeface = new(() => SKTypeface.FromStream(typeof(PlotPicture).Assembly.GetManifestResourceStream(Font))
        ?? throw new InvalidDataException($"the font '{Font}' inside of Vpo.Training can't be read."));

    /// <summary>Whether Skia's native part is there: on Windows and macOS it comes with SkiaSharp, on Linux an application adds it.</summary>
    public static bool IsAvailable => Loads.Value;

    /// <summary>What to do where it is not.</summary>
    public static string Missing => "Plots are drawn as SVG only: Skia's native part was not found. For PNG files beside them, add the package SkiaSharp.NativeAssets.Linux.NoDependencies "
        + $"{typeof(SKBitmap).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version[..^2]} to the application.\n";

    /// <summary>Draws it on white.</summary>
    /// <param name="svg">A plot as <see cref="RunPlots"/> writes it.</param>
    /// <exception cref="NotSupportedException">It has an element that plots don't have.</exception>
    public static byte[] Draw(string svg)
    {
        var root = XDocument.Parse(svg).Root!;
        var box = ((string?)root.Attribute("viewBox") ?? "").Split(' ');
        var size = box is ["0", "0", var width, var height] ? (Width: Number(width), Height: Number(height)) : throw new FormatException($"expected a viewBox from 0 0, found '{string.Join(' ', box)}'.");
        var style = new PlotStyle(root.Elements().FirstOrDefault(e => e.Name.LocalName == "style")?.Value);
        using var bitmap = new SKBitmap((int)(size.Width * Scale), (int)(size.Height * Scale), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale(Scale);
        foreach (var element in root.Elements())
            Draw(canvas, element, style.Of(element));
        using var pixels = bitmap.PeekPixels();
        using var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Up, Effort));
        return png.ToArray();
    }

    private static void Draw(SKCanvas canvas, XElement element, IReadOnlyDictionary<string, string> look)
    {
        using var paint = new SKPaint { IsAntialias = true };
        switch (element.Name.LocalName)
        {
            case "title" or "style":
                break;
            case "line":
                Stroke(paint, look);
                canvas.DrawLine(Number(look["x1"]), Number(look["y1"]), Number(look["x2"]), Number(look["y2"]), paint);
                break;
            case "path":
                Stroke(paint, look);
                using (var path = SKPath.ParseSvgPathData(look["d"]) ?? throw new FormatException($"expected a path, found '{look["d"]}'."))
                    canvas.DrawPath(path, paint);
                break;
            case "text" when !element.HasElements:
                Write(canvas, element.Value, paint, look);
                break;
            default:
                throw new NotSupportedException($"a plot has no <{element.Name.LocalName}> with elements inside: teach {nameof(PlotPicture)} to draw it.");
        }
    }

    private static void Stroke(SKPaint paint, IReadOnlyDictionary<string, string> look)
    {
        paint.Style = SKPaintStyle.Stroke;
        paint.Color = SKColor.Parse(look["stroke"]);
        paint.StrokeWidth = Number(look.GetValueOrDefault("stroke-width", "1"));
        if (look.GetValueOrDefault("stroke-dasharray") is { Length: > 0 } dashes)
            paint.PathEffect = SKPathEffect.CreateDash([.. dashes.Split(' ').Select(Number)], 0);
    }

    private static void Write(SKCanvas canvas, string text, SKPaint paint, IReadOnlyDictionary<string, string> look)
    {
        paint.Typeface = Typeface.Value;
        paint.TextSize = Number(PixelSize().Match(look["font"]).Groups[1].Value);
        paint.Color = SKColor.Parse(look["fill"]);
        paint.TextAlign = look.GetValueOrDefault("text-anchor") switch { "end" => SKTextAlign.Right, "middle" => SKTextAlign.Center, _ => SKTextAlign.Left };
        canvas.DrawText(text, Number(look["x"]), Number(look["y"]), paint);
    }

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([0-9.]+)px ", RegexOptions.CultureInvariant)]
    private static partial Regex PixelSize();
}
