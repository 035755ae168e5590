namespace Vpo.Video.CogVideoX;

/// <summary>The most probable division of a text into pieces (Unigram, arXiv 1804.10959), with float32 sums and first-come ties as SentencePiece has them.</summary>
internal sealed class UnigramSegmenter
{
    private const float UnknownPenalty = 10;
    private readonly Dictionary<(int Node, byte Next), int> _edges = [];
    private readonly List<int> _pieceAt = [-1];
    private readonly SentencePieceModel _model;
    private readonly float _unknownScore;

    public UnigramSegmenter(SentencePieceModel model)
    {
        _model = model;
        var normal = model.Pieces.Where(piece => piece.Kind == SentencePieceModel.PieceKind.Normal).ToList();
        _unknownScore = (normal.Count == 0 ? 0 : normal.Min(piece => piece.Score)) - UnknownPenalty;
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Kind == SentencePieceModel.PieceKind.Normal)
                Add(model.Pieces[id].Text, id);
        }
    }

    /// <param name="text">Normalised UTF-8.</param>
    /// <returns>Ids; unknown text in a row is one id.</returns>
    public List<int> Segment(ReadOnlySpan<byte> text)
    {
        var ends = new (int Start, int Id, float Score)[text.Length + 1];
        Array.Fill(ends, (-1, 0, 0f));
        ends[0].Score = 0;
        for (var start = 0; start < text.Length;)
        {
            var length = TextNormalizer.CharacterLength(text[start..]);
            if (!Extend(text, start, length, ends))
                Offer(ends, start, start + length, _model.UnknownId, _unknownScore);
            start += length;
        }
        return Trace(ends);
    }

    /// <summary>Offers every piece that begins here; says whether one of them is a single character.</summary>
    private bool Extend(ReadOnlySpan<byte> text, int start, int character, (int Start, int Id, float Score)[] ends)
    {
        var (node, single) = (0, false);
        for (var end = start; end < text.Length && _edges.TryGetValue((node, text[end]), out node);)
        {
            end++;
            if (_pieceAt[node] is not (>= 0 and var id))
                continue;
            Offer(ends, start, end, id, _model.Pieces[id].Score);
            single |= end - start == character;
        }
        return single;
    }

    private static void Offer((int Start, int Id, float Score)[] ends, int start, int end, int id, float score)
    {
        var total = ends[start].Score + score;
        if (ends[end].Start < 0 || total > ends[end].Score)
            ends[end] = (start, id, total);
    }

    private List<int> Trace((int Start, int Id, float Score)[] ends)
    {
        var ids = new List<int>();
        for (var end = ends.Length - 1; end > 0; end = ends[end].Start)
        {
            if (ends[end].Id != _model.UnknownId || ids.Count == 0 || ids[^1] != _model.UnknownId)
                ids.Add(ends[end].Id);
        }
        ids.Reverse();
        return ids;
    }

    private void Add(byte[] text, int id)
    {
        var node = 0;
        foreach (var one in text)
        {
            if (!_edges.TryGetValue((node, one), out var next))
            {
                next = _pieceAt.Count;
                _pieceAt.Add(-1);
                _edges[(node, one)] = next;
            }
            node = next;
        }
        if (_pieceAt[node] < 0)
            _pieceAt[node] = id;
    }
}
