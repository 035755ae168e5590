using Vpo.MiniWorld;
using Vpo.Rewards.Clip;
using Vpo.Rewards.Remote;

namespace Vpo.Cli;

/// <summary>The video reward that the user named.</summary>
internal static class OpenedReward
{
    /// <summary>The mini world's.</summary>
    public const string Pixels = "pixels";

    private const string Clip = "clip=";

    /// <summary>What --reward takes.</summary>
    public const string Says = $"'{Pixels}' (the mini world's checklist), the address of a program that scores clips (http://...), or '{Clip}FOLDER' with a CLIP model.";

    public static IVideoReward Open(string name)
    {
        if (name == Pixels)
            return new PixelChecklist();
        if (name.StartsWith(Clip, StringComparison.Ordinal))
            return new ClipReward(ClipScore.Open(name[Clip.Length..]));
        return Uri.TryCreate(name, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HttpReward(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, new() { Endpoint = address })
            : throw new ArgumentException($"--reward: expected {Says[..^1]}, found '{name}'.");
    }
}
