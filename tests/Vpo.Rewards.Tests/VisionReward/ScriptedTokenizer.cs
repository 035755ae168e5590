using Vpo.Models.Tokenizers;

namespace Vpo.Rewards.Tests.VisionReward;

/// <summary>A character an id, modulo the tiny model's vocabulary; decoding says what a test wants.</summary>
internal sealed class ScriptedTokenizer(Func<int, string> decode) : ITokenizer
{
    public int VocabularySize => 100;
    public IReadOnlyDictionary<string, int> SpecialTokens { get; } = new Dictionary<string, int>();
    public Dictionary<string, int> Words { get; init; } = [];
    public List<string> Texts { get; } = [];

    public IReadOnlyList<int> Encode(string text, bool parseSpecial = false)
    {
        Texts.Add(text);
        return Words.TryGetValue(text, out var id) ? [id] : [.. text.Select(c => c % VocabularySize)];
    }

    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true) => decode(ids[0]);
}
