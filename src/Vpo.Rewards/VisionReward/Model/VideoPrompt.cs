namespace Vpo.Rewards.VisionReward.Model;

/// <summary>How VisionReward-Video's input is laid out.</summary>
public static class VideoPrompt
{
    /// <summary>Begin, then for each frame its places and its number.</summary>
    /// <param name="config">The model's numbers.</param>
    /// <param name="numbers">For each frame the tokens of its number, "0", "1", ...; empty lists where the template leaves them out ("vqa", "base").</param>
    /// <returns>Ids, and for each whether it is a place of a frame.</returns>
    public static (int[] Ids, bool[] Vision) Prefix(VisionRewardConfig config, IReadOnlyList<IReadOnlyList<int>> numbers)
    {
        List<int> ids = [config.BeginId];
        List<bool> vision = [false];
        foreach (var number in numbers)
        {
            ids.AddRange(Enumerable.Repeat(config.PlaceholderId, config.TokensPerFrame));
            vision.AddRange(Enumerable.Repeat(true, config.TokensPerFrame));
            ids.AddRange(number);
            vision.AddRange(number.Select(_ => false));
        }
        return ([.. ids], [.. vision]);
    }

    /// <summary>Positions: words count one by one; in a run of vision places the first and the last count as words, all between share one position.</summary>
    /// <param name="vision">For each token whether it is a place of a frame.</param>
    public static long[] Positions(IReadOnlyList<bool> vision)
    {
        // Whether a token lies inside a run, neither first nor last.
        bool Inside(int i) => vision[i] && i > 0 && vision[i - 1] && i + 1 < vision.Count && vision[i + 1];
        var positions = new long[vision.Count];
        for (var i = 1; i < positions.Length; i++)
            positions[i] = positions[i - 1] + (Inside(i) && Inside(i - 1) ? 0 : 1);
        return positions;
    }

    /// <summary>The words around a question in the "chat" template.</summary>
    public static string Chat(string question) => $"Question: {question} Answer:";
}
