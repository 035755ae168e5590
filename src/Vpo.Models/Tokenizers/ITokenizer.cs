namespace Vpo.Models.Tokenizers;

/// <summary>Text to ids and back. Safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>Ids are below this; special tokens included.</summary>
    int VocabularySize { get; }

    /// <summary>Special tokens by their text, for example &lt;|im_end|&gt;.</summary>
    IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Encodes text as text: never gives a special token, whatever it contains, and adds none.</summary>
    IReadOnlyList<int> Encode(string text);

    /// <summary>The text of ids; bytes that are not valid UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Ids below <see cref="VocabularySize"/>; others are left out.</param>
    /// <param name="skipSpecial">Leaves special tokens out.</param>
    string Decode(IReadOnlyList<int> ids, bool skipSpecial = true);
}
