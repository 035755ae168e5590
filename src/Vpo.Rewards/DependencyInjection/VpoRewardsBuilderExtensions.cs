using Microsoft.Extensions.AI;
using Vpo;
using Vpo.Rewards;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Clip;
using Vpo.Rewards.Combining;
using Vpo.Rewards.Remote;
using Vpo.Rewards.VisionReward;
using static TorchSharp.torch;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Verbs of Vpo.Rewards on <see cref="IVpoBuilder"/>. Every reward is guarded: see <see cref="GuardedReward"/>.</summary>
public static class VpoRewardsBuilderExtensions
{
    /// <summary>Scores clips by a checklist that a vision model answers.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="checklist">What to ask.</param>
    /// <param name="client">Key of the IChatClient; null takes the one with the builder's name, else the one without a key.</param>
    /// <param name="options">How to ask; defaults if null.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseChecklistJudge(
        this IVpoBuilder builder, Checklist checklist, string? client = null, ChecklistJudgeOptions? options = null, Action<VideoRewardBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(checklist);
        return builder.AddGuarded(services => new ChecklistJudge(Client(services, builder.Name, client), checklist, options), configure);
    }

    /// <summary>Scores clips by VisionReward-Video. The folder is opened when the reward is first asked for; the published model has 25 GB.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="folder">Holds config.json, the shards and the tokenizer.</param>
    /// <param name="checklist">What to ask: <see cref="VisionRewardChecklist.Load"/>.</param>
    /// <param name="options">How to ask, and where the model lives; defaults if null.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseVisionReward(
        this IVpoBuilder builder, string folder, Checklist checklist, VisionRewardOptions? options = null, Action<VideoRewardBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(checklist);
        return builder.AddGuarded(_ => VisionRewardVideo.Open(folder, checklist, options), configure);
    }

    /// <summary>Scores clips by a program that is reached over HTTP.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="http">Gives the client; null: one without a time limit of its own, since <see cref="HttpRewardOptions.Timeout"/> sets it.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseHttpReward(
        this IVpoBuilder builder, HttpRewardOptions options, Func<IServiceProvider, HttpClient>? http = null, Action<VideoRewardBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return builder.AddGuarded(
            services => new HttpReward(http?.Invoke(services) ?? new() { Timeout = Timeout.InfiniteTimeSpan }, options, services.GetService<TimeProvider>()), configure);
    }

    /// <summary>Scores clips by CLIP's fit of frames and query. The folder is opened when the reward is first asked for.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="folder">A Hugging Face folder of a CLIP model.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <param name="frames">Which frames; one a second if null.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseClip(
        this IVpoBuilder builder, string folder, Device? device = null, FrameSelection? frames = null, Action<VideoRewardBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return builder.AddGuarded(_ => new ClipReward(ClipScore.Open(folder, device: device), frames), configure);
    }

    /// <summary>Scores clips by a weighted sum of rewards, with floors and held-out ones.</summary>
    /// <param name="builder">What AddVpo returned.</param>
    /// <param name="parts">Adds the parts.</param>
    /// <param name="configure">Adds decorators; the first added is the outermost.</param>
    public static IVpoBuilder UseCompositeReward(this IVpoBuilder builder, Action<CompositeRewardBuilder> parts, Action<VideoRewardBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(parts);
        var composite = new CompositeRewardBuilder();
        parts(composite);
        return builder.AddVideoReward(composite.Build, configure);
    }

    private static IVpoBuilder AddGuarded(this IVpoBuilder builder, Func<IServiceProvider, IVideoReward> make, Action<VideoRewardBuilder>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddVideoReward(services => new GuardedReward(make(services), null, services.GetService<TimeProvider>()), configure);
    }

    private static IChatClient Client(IServiceProvider services, string name, string? key)
    {
        var client = key is not null ? services.GetKeyedService<IChatClient>(key)
            : (name.Length > 0 ? services.GetKeyedService<IChatClient>(name) : null) ?? services.GetService<IChatClient>();
        return client ?? throw new InvalidOperationException($"UseChecklistJudge needs an IChatClient{(key is null ? "" : $" with the key '{key}'")}, and none is registered: AddChatClient(...) or AddKeyedChatClient(...)");
    }
}
