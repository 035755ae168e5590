using System.Text;

namespace Vpo.Models.Tokenizers;

/// <summary>Byte-level byte-pair encoding: GPT-2, Llama 3, SmolLM2. Every text can be encoded and comes back unchanged.</summary>
public sealed class BytePairTokenizer : ITokenizer
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly byte[]?[] _bytes;
    private readonly int[] _idOfByte = new int[256];

    /// <param name="vocabulary">Tokens in the alphabet of <see cref="ByteAlphabet"/>.</param>
    /// <param name="merges">Over ids of the vocabulary.</param>
    /// <param name="pieces">Cuts text.</param>
    /// <param name="added">Special and other added tokens.</param>
    /// <param name="wholeFirst">A piece that is in the vocabulary is taken as it is, without merging (ignoreMerges).</param>
    internal BytePairTokenizer(Dictionary<string, int> vocabulary, PairMerges merges, PreTokenizer pieces, AddedTokens added, bool wholeFirst)
    {
        (Vocabulary, Merges, Pieces, Added, WholeFirst) = (vocabulary, merges, pieces, added, wholeFirst);
        _lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        VocabularySize = 1 + Math.Max(vocabulary.Count == 0 ? -1 : vocabulary.Values.Max(), added.Special.Count == 0 ? -1 : added.Special.Values.Max());
        _bytes = new byte[]?[VocabularySize];
        foreach (var (token, id) in vocabulary)
            _bytes[id] = ByteAlphabet.BytesOf(token);
        foreach (var (token, id) in added.Special)
            _bytes[id] = Encoding.UTF8.GetBytes(token);
        for (var b = 0; b < 256; b++)
            _idOfByte[b] = vocabulary.GetValueOrDefault(ByteAlphabet.Of((byte)b).ToString(), -1);
    }

    internal IReadOnlyDictionary<string, int> Vocabulary { get; }

    internal PairMerges Merges { get; }

    internal PreTokenizer Pieces { get; }

    internal AddedTokens Added { get; }

    internal bool WholeFirst { get; }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, int> SpecialTokens => Added.Special;

    /// <inheritdoc/>
    public IReadOnlyList<int> Encode(string text, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Added.Encode(text, parseSpecial, (part, ids) =>
        {
            foreach (var piece in Pieces.Split(part))
                EncodePiece(piece, ids);
        });
    }

    /// <inheritdoc/>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var bytes = new MemoryStream(4 * ids.Count);
        foreach (var id in ids)
        {
            if ((uint)id < (uint)_bytes.Length && _bytes[id] is { } token && !(skipSpecial && Added.SpecialIds.Contains(id)))
                bytes.Write(token);
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private void EncodePiece(string piece, List<int> ids)
    {
        var bytes = Encoding.UTF8.GetBytes(piece);
        if (WholeFirst && _lookup.TryGetValue(ByteAlphabet.Spell(bytes), out var whole))
        {
            ids.Add(whole);
            return;
        }
        var symbols = new int[bytes.Length];
        var count = 0;
        foreach (var b in bytes)
        {
            if (_idOfByte[b] >= 0)
                symbols[count++] = _idOfByte[b];   // bytes that a small vocabulary lacks are left out, as in the reference
        }
        count = Merges.Apply(symbols.AsSpan(0, count));
        ids.AddRange(symbols.AsSpan(0, count));
    }
}
