namespace Vpo.Rewards.VisionReward.Model;

/// <summary>Several questions as one sequence in which equal beginnings stand once: a tree whose tokens see only their ancestors. Exact, since attention is causal.</summary>
internal sealed class QuestionTree
{
    private readonly List<int> _parents = [], _depths = [], _ids = [], _ends = [];
    private readonly Dictionary<(int Parent, int Id), int> _children = [];

    public IReadOnlyList<int> Ids => _ids;

    /// <summary>For each token how many tokens of its question stand before it.</summary>
    public IReadOnlyList<int> Depths => _depths;

    /// <summary>For each question its last token's place.</summary>
    public IReadOnlyList<int> Ends => _ends;

    /// <summary>Adds a question of at least one token.</summary>
    public void Add(IReadOnlyList<int> question)
    {
        if (question.Count == 0)
            throw new ArgumentException("a question has no token", nameof(question));
        var node = -1;
        foreach (var id in question)
        {
            if (!_children.TryGetValue((node, id), out var child))
            {
                child = _ids.Count;
                _children.Add((node, id), child);
                _ids.Add(id);
                _parents.Add(node);
                _depths.Add(node < 0 ? 0 : _depths[node] + 1);
            }
            node = child;
        }
        _ends.Add(node);
    }

    /// <summary>[tokens, past + tokens]: 0 where a token sees another, minus infinity elsewhere. The past is seen by all.</summary>
    public float[] Mask(int past)
    {
        var width = past + _ids.Count;
        var mask = new float[_ids.Count * width];
        for (var i = 0; i < _ids.Count; i++)
        {
            mask.AsSpan(i * width + past, _ids.Count).Fill(float.NegativeInfinity);
            for (var node = i; node >= 0; node = _parents[node])
                mask[i * width + past + node] = 0;
        }
        return mask;
    }
}
