using CsCheck;
using Vpo.Atoms;

namespace Vpo.Tests.Atoms;

public sealed class HarmlessQueryTests
{
    [Theory]
    [InlineData("a cute dog on the grass")]
    [InlineData("a blood moon over the lake, a killer whale jumps")]
    [InlineData("20 - 11 coins = 9 coins")]
    [InlineData("在月球上跳舞 🌙")]
    [InlineData("a boxer in a fight, gangster film")]   // mild: it may stay
    public void Fallback_NothingHarmful_IsTheQueryItself(string query)
    {
        var kept = OptimizedPrompt.Fallback(query, "the model wrote nothing");
        Assert.Equal((query, query, "the model wrote nothing"), (kept.Query, kept.Text, kept.FallbackReason));
    }

    [Theory]
    [InlineData("a bloody dog on the grass", "dog", "bloody")]
    [InlineData("a castle by the sea, a corpse in the hall, sunset", "castle", "corpse")]
    [InlineData("a woman walks through a garden. she is naked. birds sing", "garden", "naked")]
    public void Fallback_HarmfulWords_AreTakenOutAndTheReasonSaysSo(string query, string stays, string goes)
    {
        var kept = OptimizedPrompt.Fallback(query, "it did not end");
        Assert.Equal(query, kept.Query);
        Assert.Contains(stays, kept.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(goes, kept.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal($"it did not end; taken out of the query as harmful: {goes}", kept.FallbackReason);
    }

    [Theory]
    [InlineData("murder")]
    [InlineData("Gore, blood, corpses!")]
    [InlineData("a girl dances by the sea, porn")]   // severe: nothing of it is kept
    public void Fallback_NothingHarmlessLeft_IsANeutralScene(string query)
    {
        var kept = OptimizedPrompt.Fallback(query, "the model declined");
        Assert.Equal(HarmlessQuery.NothingLeft, kept.Text);
        Assert.EndsWith(", and nothing of it is left", kept.FallbackReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnyMixtureOfWords_IsHarmlessAndNeverEmpty()
    {
        string[] words = ["blood", "a", "red", "dog", "naked", "kills", "the", "cat", ",", ".", "corpse", "corpses", "rape", "no", "without", "torture", "\"gore\"", "runs", "severed", "hand", "-ar 16:9", "nazi", "on", "grass"];
        Gen.Int[0, words.Length - 1].Select(i => words[i]).Array[1, 14].Sample(drawn =>
        {
            var (text, _) = HarmlessQuery.Of(string.Join(' ', drawn));
            Assert.False(string.IsNullOrWhiteSpace(text));
            Assert.InRange(UnsafeWords.Level(text), 1, 2);
        }, iter: 500);
    }
}
