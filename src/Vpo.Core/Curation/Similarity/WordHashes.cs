namespace Vpo.Curation.Similarity;

/// <summary>A text as the words that decide whether it repeats another: lower case, entities decoded, split at white space, without punctuation around a word.</summary>
/// <remarks>Two texts share a word here whenever they share it as <see cref="Queries.Bleu.Words"/>, so the similarity is never below that of plain words.</remarks>
internal static class WordHashes
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    /// <summary>64-bit hashes, the same on every machine.</summary>
    public static ulong[] Of(string text)
    {
        var hashes = new List<ulong>(24);
        var rest = Queries.HtmlText.Decode(text).AsSpan();
        while (!(rest = rest.TrimStart()).IsEmpty)
        {
            var length = 1;
            while (length < rest.Length && !char.IsWhiteSpace(rest[length]))
                length++;
            hashes.Add(Hash(WithoutPunctuation(rest[..length])));
            rest = rest[length..];
        }
        return [.. hashes];
    }

    /// <summary>Spreads the bits of a hash (the finalizer of MurmurHash3).</summary>
    public static ulong Mix(ulong h)
    {
        h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
        h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
        return h ^ (h >> 33);
    }

    /// <summary>A word of punctuation alone stays.</summary>
    private static ReadOnlySpan<char> WithoutPunctuation(ReadOnlySpan<char> word)
    {
        var (start, end) = (0, word.Length);
        while (start < end && char.IsPunctuation(word[start]))
            start++;
        while (end > start && char.IsPunctuation(word[end - 1]))
            end--;
        return start < end ? word[start..end] : word;
    }

    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var h = Offset;
        foreach (var c in word)
            h = (h ^ char.ToLowerInvariant(char.ToUpperInvariant(c))) * Prime;
        return Mix(h);
    }
}
