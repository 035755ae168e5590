namespace Vpo.Models.Decoding;

/// <summary>The first tokens of a segment.</summary>
internal readonly record struct KvPart(KvSegment Segment, int Length);

/// <summary>
/// Keys and values of one sequence: a chain of segments of which all but the last may belong to other sequences too. So a prompt that many answers share
/// is held, and read, once.
/// </summary>
internal sealed class Strand
{
    private const int AnswerTokens = 64;   // room added at a time while an answer is written

    private readonly KvShape _shape;
    private readonly List<KvPart> _parts;
    private bool _ownsLast;

    public Strand(KvShape shape) : this(shape, []) { }

    private Strand(KvShape shape, List<KvPart> parts) => (_shape, _parts, Length) = (shape, parts, parts.Sum(p => p.Length));

    /// <summary>Tokens it holds.</summary>
    public int Length { get; private set; }

    /// <summary>In order of position.</summary>
    public IReadOnlyList<KvPart> Parts => _parts;

    /// <summary>A sequence that begins with the first tokens of this one and goes on for itself. Both may grow afterwards.</summary>
    public Strand Fork(int length)
    {
        var parts = new List<KvPart>();
        foreach (var part in _parts)
        {
            if (length <= 0)
                break;
            parts.Add(part with { Length = Math.Min(length, part.Length) });
            length -= part.Length;
        }
        return new(_shape, parts);
    }

    /// <summary>Adds tokens whose keys and values are written afterwards, with <see cref="At"/>.</summary>
    public void Grow(int tokens)
    {
        while (tokens > 0)
        {
            var free = _ownsLast ? _parts[^1].Segment.Capacity - _parts[^1].Length : 0;
            if (free == 0)
            {
                _parts.Add(new(new(_shape, Math.Max(tokens, AnswerTokens)), 0));
                (_ownsLast, free) = (true, _parts[^1].Segment.Capacity);
            }
            var added = Math.Min(free, tokens);
            _parts[^1] = _parts[^1] with { Length = _parts[^1].Length + added };
            (Length, tokens) = (Length + added, tokens - added);
        }
    }

    /// <summary>Where a position lies.</summary>
    public (KvSegment Segment, int Token) At(int position)
    {
        foreach (var part in _parts)
        {
            if (position < part.Length)
                return (part.Segment, position);
            position -= part.Length;
        }
        throw new ArgumentOutOfRangeException(nameof(position));
    }
}
