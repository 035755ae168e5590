namespace Vpo.MiniWorld;

/// <summary>Colours of things and places, as red, green and blue from 0 to 255, in the order of <see cref="Lexicon"/>.</summary>
internal static class Palette
{
    public static readonly double[][] Colours =
    [
        [225, 30, 30], [30, 215, 40], [30, 60, 245], [250, 230, 30], [150, 30, 200], [255, 130, 10], [255, 120, 195], [250, 250, 250],
    ];

    private static readonly double[][] Skies = [[12, 12, 36], [165, 205, 230], [235, 215, 180], [120, 150, 175]];
    private static readonly double[][] Grounds = [[34, 34, 50], [80, 110, 60], [185, 155, 110], [20, 60, 85]];

    /// <summary>The background of a place in a row: sky above the horizon (62 % of the height), ground below.</summary>
    public static double[] Background(int place, int row) => row < Renderer.Horizon ? Skies[place] : Grounds[place];
}
