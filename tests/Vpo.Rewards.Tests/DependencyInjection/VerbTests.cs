using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Tests.Combining;
using Vpo.Rewards.Tests.Remote;

namespace Vpo.Rewards.Tests.DependencyInjection;

public sealed class VerbTests
{
    private static readonly Checklist One = new("one", [new("cat", "", "A cat?", 3)]);

    private static Task<VideoScore> Score(IVideoReward reward) => reward.ScoreAsync("q", "p", FakeReward.Clip, TestContext.Current.CancellationToken);

    [Fact]
    public async Task UseChecklistJudge_ChatClientInTheContainer_Scores()
    {
        var services = new ServiceCollection().AddSingleton<IChatClient>(new FakeVision(_ => "yes"));
        services.AddVpo().UseChecklistJudge(One);
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(3, (await Score(provider.GetRequiredService<IVideoReward>())).Score);
    }

    [Fact]
    public async Task UseChecklistJudge_NoChatClient_SaysWhatToAdd()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseChecklistJudge(One);
        await using var provider = services.BuildServiceProvider();
        Assert.Contains("AddChatClient", Assert.Throws<InvalidOperationException>(provider.GetRequiredService<IVideoReward>).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseHttpReward_ServerOnTheLoopback_Scores()
    {
        await using var server = new LocalServer((200, """{"score":4}"""));
        var services = new ServiceCollection();
        services.AddVpo("remote").UseHttpReward(new() { Endpoint = server.Address });
        await using var provider = services.BuildServiceProvider();
        Assert.Equal(4, (await Score(provider.GetRequiredKeyedService<IVideoReward>("remote"))).Score);
    }

    [Fact]
    public async Task UseCompositeReward_Parts_AreAddedGuardedAndDisposed()
    {
        var inner = FakeReward.Of(2);
        var services = new ServiceCollection();
        services.AddVpo().UseCompositeReward(c => c.Add("a", _ => inner, p => p with { Weight = 10 }).Add("watch", _ => FakeReward.Of(7), p => p with { HeldOut = true }));
        await using (var provider = services.BuildServiceProvider())
        {
            var score = await Score(provider.GetRequiredService<IVideoReward>());
            Assert.Equal((20.0, 7.0), (score.Score, score.Dimensions["held-out/watch"]));
        }
        Assert.True(inner.Disposed);
    }

    [Fact]
    public async Task UseClip_FolderThatIsNotThere_SaysSoWhenAskedFor()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseClip("/nowhere/clip");
        await using var provider = services.BuildServiceProvider();
        Assert.Contains("/nowhere/clip", Assert.ThrowsAny<Exception>(provider.GetRequiredService<IVideoReward>).Message, StringComparison.Ordinal);
    }
}
