using System.Buffers.Binary;
using SkiaSharp;

namespace Vpo.Training.Runs;

/// <summary>The PNG files beside a run's SVG plots, decoded again.</summary>
public sealed class PlotPictureTests
{
    private const int Width = 560, Height = 240;

    private static readonly SKColor First = new(0x1f, 0x6f, 0xeb), Second = new(0xc2, 0x41, 0x0c), Grid = new(0xd8, 0xde, 0xe6);

    [Fact]
    public void Write_Run_HasPicturesOfTheLinesThatTheDrawingsHave()
    {
        using var folder = new TemporaryFolder();
        RunPlots.Write(folder.Path, [.. Enumerable.Range(1, 40).Select(i => Point(i) with { ChosenReward = i * 0.01, RejectedReward = -i * 0.02 })]);
        using var loss = Picture(folder, "loss");
        using var rewards = Picture(folder, "rewards");
        foreach (var picture in (SKBitmap[])[loss, rewards])
        {
            Assert.Equal((PlotPicture.Scale * Width, PlotPicture.Scale * Height), (picture.Width, picture.Height));
            Assert.InRange(Count(picture, First), 500, 20_000);
            Assert.InRange(Count(picture, Second), 200, 20_000);
            Assert.InRange(Count(picture, Grid), 1_000, 20_000);   // of lines between two rows of pixels none has the whole colour
            Assert.True(Count(picture, SKColors.White) > picture.Width * picture.Height * 0.9);
        }
        Assert.False(File.Exists(Path.Combine(folder.Path, "plots", "png-missing.txt")));
        Assert.False(File.Exists(Path.Combine(folder.Path, "plots", "margins.png")));   // no values, no plot
    }

    [Fact]
    public void Train_StepsFasterThanPlots_DrawsTheFirstAndTheLastOnly()
    {
        using var folder = new TemporaryFolder();
        using var model = Tiny.Model();
        var plot = Path.Combine(folder.Path, "plots", "loss.svg");
        var seen = new List<string>();
        var options = new SftOptions { Schedule = new LearningRateSchedule.Constant(1e-3), BatchSize = 1, CheckpointEvery = 1 };
        new SupervisedFineTuner(model, options).Train(Tiny.Rows(12), new() { Folder = folder.Path, Clock = new StoppedClock(), Progress = new EachStep(_ => seen.Add(File.ReadAllText(plot))) });
        Assert.Single(seen.Take(11).Distinct());
        Assert.NotEqual(seen[0], seen[11]);
    }

    [Fact]
    public void Draw_Line_IsWhereTheDrawingHasIt()
    {
        using var picture = Decoded(Drawing("<path class=\"line\" d=\"M10 20L50 20L50 60\"/><line class=\"thin\" x1=\"80\" x2=\"80\" y1=\"5\" y2=\"75\"/>"));
        SKColor At(int x, int y) => picture.GetPixel(x * PlotPicture.Scale, y * PlotPicture.Scale);
        foreach (var (x, y) in new[] { (12, 20), (30, 20), (48, 20), (50, 30), (50, 58) })
            Assert.Equal(First, At(x, y));
        foreach (var (x, y) in new[] { (8, 20), (30, 17), (30, 23), (50, 63), (30, 40), (70, 40) })
            Assert.Equal(SKColors.White, At(x, y));
        Assert.Equal(Grid, At(80, 40));
    }

    [Fact]
    public void Draw_Dashes_LeaveGaps()
    {
        using var picture = Decoded(Drawing("<path class=\"line\" stroke-dasharray=\"8 8\" d=\"M10 20L90 20\"/>"));
        var colours = Enumerable.Range(0, 10).Select(i => picture.GetPixel((10 + 4 + 8 * i) * PlotPicture.Scale, 20 * PlotPicture.Scale)).ToArray();
        Assert.Equal([First, SKColors.White, First, SKColors.White], colours[..4]);
    }

    [Fact]
    public void Draw_Text_IsInTheFontThatComesWithIt()
    {
        // Letters of known shape in a font of known size: the same pixels on every machine, with fonts or without.
        using var picture = Decoded(Drawing("<text x=\"10\" y=\"40\">0.25 learning rate</text><text x=\"90\" y=\"70\" text-anchor=\"end\">II</text>"));
        int Dark(int left, int top, int right, int bottom) => (
            from x in Enumerable.Range(left * PlotPicture.Scale, (right - left) * PlotPicture.Scale)
            from y in Enumerable.Range(top * PlotPicture.Scale, (bottom - top) * PlotPicture.Scale)
            where picture.GetPixel(x, y).Red < 0xA0
            select 1).Sum();
        Assert.InRange(Dark(10, 30, 100, 45), 400, 1200);
        Assert.Equal(0, Dark(0, 30, 10, 45) + Dark(0, 46, 84, 75));
        Assert.InRange(Dark(84, 62, 90, 70), 30, 100);   // two strokes that end at 90
        Assert.Equal(0, Dark(91, 62, 100, 75));
    }

    [Fact]
    public void Draw_WhatPlotsDoNotHave_IsRefusedByName() =>
        Assert.Contains("<circle>", Assert.Throws<NotSupportedException>(() => PlotPicture.Draw(Drawing("<circle r=\"3\"/>"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Missing_NamesThePackageInTheVersionThatFits() =>
        Assert.Contains("SkiaSharp.NativeAssets.Linux.NoDependencies 2.88.9 to", PlotPicture.Missing, StringComparison.Ordinal);

    /// <summary>No time passes.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private static TrainingPoint Point(int step) => new() { Step = step, LearningRate = 1e-3, Loss = 1 + 2.0 / step + step % 3 * 0.1, GradientNorm = 1, Entropy = 1, TokenAccuracy = 0.5, Tokens = step };

    private static string Drawing(string inside) => $$"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 80"><style>text{font:11px sans-serif;fill:#000000}.line{fill:none;stroke:#1f6feb;stroke-width:2}.thin{stroke:#d8dee6;stroke-width:2}</style>{{inside}}</svg>
        """;

    private static SKBitmap Decoded(string svg) => SKBitmap.Decode(PlotPicture.Draw(svg));

    private static SKBitmap Picture(TemporaryFolder folder, string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder.Path, "plots", name + ".png"));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], bytes[..8]);
        Assert.Equal((PlotPicture.Scale * Width, PlotPicture.Scale * Height), (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20))));
        return SKBitmap.Decode(bytes);
    }

    private static int Count(SKBitmap picture, SKColor colour) => picture.Pixels.Count(p => p == colour);
}
