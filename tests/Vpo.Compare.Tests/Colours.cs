using Vpo.Comparisons;
using Vpo.Reporting;

namespace Vpo.Compare.Tests;

/// <summary>Pairs whose sides a test can tell apart by their pixels: the first method's clips are red, the second's blue.</summary>
internal sealed class Colours : IDisposable
{
    public const string First = "secret-first", Second = "secret-second";

    private const int Side = 48, Frames = 4;

    public Colours(int pairs)
    {
        foreach (var method in new[] { First, Second })
        {
            for (var i = 0; i < pairs; i++)
            {
                var path = Path.Combine(Directory.CreateDirectory(In(method)).FullName, $"a ball number {i:000} rolls over the grass-0.png");
                File.WriteAllBytes(path, AnimatedPng.Encode(Clip(method == First)));
            }
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("vpo-compare-").FullName;

    public ComparisonPlan Plan => ComparisonPlan.FromFolders(In(First), In(Second));

    public string In(string name) => Path.Combine(Folder, name);

    public string VotesPath => Path.Combine(In("votes"), VoteFile.Name);

    public IReadOnlyList<Vote> Votes => VoteFile.Read(VotesPath);

    public Task<CompareServer> StartAsync(bool token = false) => CompareServer.StartAsync(Plan, new() { Folder = In("votes"), RequireToken = token });

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static VideoClip Clip(bool red)
    {
        var pixels = new byte[Side * Side * 3 * Frames];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            var (frame, x) = (i / (Side * Side * 3), i / 3 % Side);
            pixels[i + (red ? 0 : 2)] = 220;
            pixels[i + 1] = (byte)(x / 12 == frame ? 180 : 30);
        }
        return new(pixels, Side, Side, 8);
    }
}
