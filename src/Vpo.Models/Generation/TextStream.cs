using Vpo.Models.Tokenizers;

namespace Vpo.Models.Generation;

/// <summary>Turns ids that arrive one by one into pieces of text: a piece comes as soon as its characters are complete.</summary>
internal sealed class TextStream(ITokenizer tokenizer)
{
    private const int MostBytesOfACharacter = 4;

    private readonly List<int> _ids = [];
    private int _shown;   // ids whose text has been given
    private int _from;    // where decoding starts: an earlier piece, so that joins (spaces between words) come out right

    /// <summary>The text that this id completes; often its own, empty in the middle of a character.</summary>
    public string Add(int id)
    {
        _ids.Add(id);
        var before = tokenizer.Decode(_ids[_from.._shown]);
        var text = tokenizer.Decode(_ids[_from..]);
        var isPartial = text.EndsWith('\uFFFD') && _ids.Count - _shown < MostBytesOfACharacter;
        if (isPartial || text.Length < before.Length)
            return "";
        (_from, _shown) = (_shown, _ids.Count);
        return text[before.Length..];
    }
}
