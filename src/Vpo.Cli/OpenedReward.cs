using Vpo.MiniWorld;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Clip;
using Vpo.Rewards.Remote;
using Vpo.Rewards.VisionReward;

namespace Vpo.Cli;

/// <summary>What a reward needs beside its name.</summary>
/// <param name="Questions">What --questions says.</param>
/// <param name="Vision">What --vision says.</param>
/// <param name="Model">What --chat-model says.</param>
/// <param name="KeyVariable">What --key-variable says.</param>
internal sealed record RewardParts(string? Questions = null, string? Vision = null, string? Model = null, string? KeyVariable = null);

/// <summary>The video reward that the user named.</summary>
internal static class OpenedReward
{
    /// <summary>The mini world's.</summary>
    public const string Pixels = "pixels";

    /// <summary>A checklist that a vision model answers.</summary>
    public const string Checklist = "checklist";

    private const string Clip = "clip=", VisionReward = "visionreward=";

    /// <summary>What --reward takes.</summary>
    public const string Says = $"'{Pixels}' (the mini world's checklist), the address of a program that scores clips (http://...), or '{Clip}FOLDER' with a CLIP model.";

    /// <summary>What --reward takes where the command has --questions and --vision too.</summary>
    public const string SaysAll = $"'{VisionReward}FOLDER' (VisionReward-Video, the paper's), '{Checklist}' (the questions asked of --vision), '{Clip}FOLDER' (a CLIP model), the address of a program that scores clips (http://...), or '{Pixels}' (the mini world's).";

    public static IVideoReward Open(string name, RewardParts? parts = null)
    {
        if (name == Pixels)
            return new PixelChecklist();
        if (name.StartsWith(Clip, StringComparison.Ordinal))
            return new ClipReward(ClipScore.Open(name[Clip.Length..]));
        if (parts is not null && name.StartsWith(VisionReward, StringComparison.Ordinal))
            return VisionRewardVideo.Open(name[VisionReward.Length..], Questions(parts.Questions ?? name[VisionReward.Length..]));
        if (parts is not null && name == Checklist)
            return OpenChecklist(parts);
        return Uri.TryCreate(name, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new HttpReward(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, new() { Endpoint = address })
            : throw new ArgumentException($"--reward: expected {(parts is null ? Says : SaysAll)[..^1]}, found '{name}'.");
    }

    private static ChecklistJudge OpenChecklist(RewardParts parts)
    {
        var questions = Questions(parts.Questions ?? throw new ArgumentException("--reward checklist needs --questions: what to ask."));
        var client = OpenedChat.OpenVision(parts.Vision ?? throw new ArgumentException("--reward checklist needs --vision: who is asked."), (parts.Model, parts.KeyVariable));
        return new(client, questions, new() { Chat = new() { ModelId = parts.Model } });
    }

    /// <summary>VisionReward's three files in a folder, or a JSON file of one's own.</summary>
    private static Checklist Questions(string path)
    {
        if (File.Exists(path))
            return Vpo.Rewards.Checklists.Checklist.Load(path);
        return File.Exists(Path.Combine(path, VisionRewardChecklist.QuestionsFile)) ? VisionRewardChecklist.Load(path)
            : throw new FileNotFoundException($"--questions '{path}': expected a folder with {VisionRewardChecklist.QuestionsFile}, {VisionRewardChecklist.SelectedFile} and {VisionRewardChecklist.WeightsFile}, as THUDM/VisionReward published them, or a JSON file of {{ name, dimension, text, weight }}.");
    }
}
