using System.Text.Json;
using Vpo.Rewards.Remote;
using Vpo.Rewards.Tests.Combining;

namespace Vpo.Rewards.Tests.Remote;

public sealed class HttpRewardTests
{
    private static async Task<VideoScore> Score(LocalServer server, TimeSpan? timeout = null)
    {
        using var http = new HttpClient();
        using var reward = new HttpReward(http, new() { Endpoint = server.Address, RetryDelay = TimeSpan.FromMilliseconds(1), Timeout = timeout ?? TimeSpan.FromSeconds(30) });
        return await reward.ScoreAsync("a cat", "a black cat", FakeReward.Clip, TestContext.Current.CancellationToken);
    }

    private static async Task<string> Refused(TimeSpan? timeout, params (int, string)[] answers)
    {
        await using var server = new LocalServer(answers);
        return (await Assert.ThrowsAsync<VideoRewardException>(() => Score(server, timeout))).Message;
    }

    [Fact]
    public async Task Score_Answer_IsReadAndFramesAreSentAsPng()
    {
        await using var server = new LocalServer((200, """{"score":1.5,"dimensions":{"motion":0.5},"answers":[{"question":"red","answer":"Yes","weight":1},{"question":"blue","answer":"maybe"}],"reward_id":"mine"}"""));
        var score = await Score(server);
        Assert.Equal((1.5, 0.5, "mine"), (score.Score, score.Dimensions["motion"], score.RewardId));
        Assert.Equal([Answer.Yes, Answer.Unknown], score.Answers.Select(a => a.Answer));
        using var body = JsonDocument.Parse(Assert.Single(server.Bodies));
        Assert.Equal(("a cat", "a black cat", 4), (body.RootElement.GetProperty("query").GetString(), body.RootElement.GetProperty("prompt").GetString(), body.RootElement.GetProperty("width").GetInt32()));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], body.RootElement.GetProperty("frames")[0].GetBytesFromBase64()[..4]);
    }

    [Fact]
    public async Task Score_BusyThenReady_TriesAgain()
    {
        await using var server = new LocalServer((503, "busy"), (429, "later"), (200, """{"score":2}"""));
        Assert.Equal(2, (await Score(server)).Score);
        Assert.Equal(3, server.Bodies.Count);
    }

    [Theory]
    [InlineData(400, "bad frames", "400", "bad frames")]
    [InlineData(503, "down", "503", "4 attempts")]
    [InlineData(200, "<html>", "JSON", "<html>")]
    [InlineData(200, """{"grade":1}""", "score", "grade")]
    [InlineData(200, """{"score":"NaN"}""", "finite", "NaN")]
    public async Task Score_UselessAnswer_IsRefusedWithTheReason(int status, string body, string says, string quotes)
    {
        var message = await Refused(null, (status, body));
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.Contains(quotes, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_ServerHangs_EndsAtTheLimit() => Assert.Contains("within", await Refused(TimeSpan.FromMilliseconds(50), (0, "")), StringComparison.Ordinal);

    [Fact]
    public async Task Score_NobodyListens_IsRefused()
    {
        LocalServer server = new((200, ""));
        await server.DisposeAsync();
        Assert.Contains("attempts", (await Assert.ThrowsAsync<VideoRewardException>(() => Score(server))).Message, StringComparison.Ordinal);
    }
}
