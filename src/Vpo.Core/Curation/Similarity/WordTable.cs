namespace Vpo.Curation.Similarity;

/// <summary>The words of many texts in one array.</summary>
internal sealed class WordTable
{
    private readonly ulong[] _words;
    private readonly long[] _starts;

    /// <param name="texts">The words of each text.</param>
    public WordTable(IReadOnlyList<ulong[]> texts)
    {
        _starts = new long[texts.Count + 1];
        for (var i = 0; i < texts.Count; i++)
            _starts[i + 1] = _starts[i] + texts[i].Length;
        _words = new ulong[_starts[^1]];
        for (var i = 0; i < texts.Count; i++)
            texts[i].CopyTo(_words, _starts[i]);
    }

    public int Count => _starts.Length - 1;

    public ReadOnlySpan<ulong> this[int text] => _words.AsSpan((int)_starts[text], (int)(_starts[text + 1] - _starts[text]));
}
