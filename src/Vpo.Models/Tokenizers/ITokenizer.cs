namespace Vpo.Models.Tokenizers;

/// <summary>Text to ids and back. Safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>Ids are below this; special tokens included.</summary>
    int VocabularySize { get; }

    /// <summary>Special tokens by their text, for example &lt;|im_end|&gt;.</summary>
    IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Encodes text and adds nothing. By default text is only text: it never gives a special token, whatever it contains.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="parseSpecial">Turns special-token strings inside the text into their ids. Only for text that is trusted.</param>
    IReadOnlyList<int> Encode(string text, bool parseSpecial = false);

    /// <summary>The text of ids; bytes that are not valid UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Ids without a token are left out.</param>
    /// <param name="skipSpecial">Leaves special tokens out.</param>
    string Decode(IReadOnlyList<int> ids, bool skipSpecial = true);
}
