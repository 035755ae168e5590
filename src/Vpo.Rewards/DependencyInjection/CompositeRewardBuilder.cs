using Vpo.Rewards.Combining;

namespace Vpo.Rewards;

/// <summary>Collects the parts of a composite reward; each is guarded, so one that hangs or gives no number is named.</summary>
public sealed class CompositeRewardBuilder
{
    private readonly List<Func<IServiceProvider, RewardPart>> _parts = [];

    /// <summary>See <see cref="CompositeReward.ScoreBelowFloor"/>.</summary>
    public double? ScoreBelowFloor { get; set; }

    /// <summary>Limits of every part.</summary>
    public GuardOptions Guard { get; set; } = new();

    /// <summary>Adds a part.</summary>
    /// <param name="name">Its unique name.</param>
    /// <param name="make">Makes the reward; the composite disposes it.</param>
    /// <param name="options">Sets weight, floor or held-out, for example <c>p => p with { HeldOut = true }</c>.</param>
    public CompositeRewardBuilder Add(string name, Func<IServiceProvider, IVideoReward> make, Func<RewardPart, RewardPart>? options = null)
    {
        _parts.Add(services =>
        {
            var part = new RewardPart(name, new GuardedReward(make(services), Guard, services.GetService(typeof(TimeProvider)) as TimeProvider));
            return options?.Invoke(part) ?? part;
        });
        return this;
    }

    internal CompositeReward Build(IServiceProvider services) => new(_parts.Select(p => p(services))) { ScoreBelowFloor = ScoreBelowFloor };
}
