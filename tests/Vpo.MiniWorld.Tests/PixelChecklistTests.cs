namespace Vpo.MiniWorld.Tests;

public class PixelChecklistTests
{
    [Fact]
    public async Task Score_OfGroundTruth_IsFullMarks()
    {
        using var reward = new PixelChecklist();
        var random = new Random(1);
        var answers = new List<ChecklistAnswer>();
        for (var i = 0; i < 1000; i++)
        {
            var scene = Scene.Draw(random);
            var caption = Captions.Write(scene, CaptionStyle.Object);
            answers.AddRange((await reward.ScoreAsync(caption, caption, Renderer.Render(scene, random))).Answers);
        }
        var wrong = answers.Where(a => a.Answer != Answer.Yes).GroupBy(a => a.Question).Select(g => $"{g.Key} {g.Count()}");
        Assert.True(answers.Count(a => a.Answer == Answer.Yes) >= .998 * answers.Count, string.Join(", ", wrong));
    }

    [Fact]
    public async Task Score_OfAnotherScene_AnswersNoWhereItDiffers()
    {
        using var reward = new PixelChecklist();
        var shown = new Scene(0, 0, 1, 0, 1, 1);
        var clip = Renderer.Render(shown, new Random(2));
        var score = await reward.ScoreAsync("a tiny green ball heading east slowly in the sea", "", clip);
        Assert.Equal(new[] { "colour", "size", "direction", "speed", "place" }, score.Answers.Where(a => a.Answer == Answer.No).Select(a => a.Question));
        Assert.Equal(1, score.Dimensions["quality"]);
    }

    [Fact]
    public async Task Score_OfClipWithoutObject_AnswersNo()
    {
        using var reward = new PixelChecklist();
        var score = await reward.ScoreAsync("red ball", "", new VideoClip(new byte[9 * 32 * 32 * 3], 32, 32, 8));
        Assert.Equal(0, score.Score);
        Assert.All(score.Answers, a => Assert.Equal(Answer.No, a.Answer));
    }

    [Fact]
    public async Task Score_OfNoise_NeverThrows()
    {
        using var reward = new PixelChecklist();
        var random = new Random(3);
        for (var i = 0; i < 50; i++)
        {
            var bytes = new byte[9 * 32 * 32 * 3];
            random.NextBytes(bytes);
            Assert.InRange((await reward.ScoreAsync("red ball moving left fast", "", new VideoClip(bytes, 32, 32, 8))).Score, 0, 5);
        }
    }

    [Fact]
    public async Task Score_OfOtherSize_SaysWhatItMeasures()
    {
        using var reward = new PixelChecklist();
        var error = await Assert.ThrowsAsync<VideoRewardException>(() => reward.ScoreAsync("red ball", "", new VideoClip(new byte[16 * 16 * 3], 16, 16, 8)));
        Assert.Contains("32x32", error.Message);
    }
}
