using Vpo.Comparisons;

namespace Vpo.Compare;

/// <summary>What became of a vote.</summary>
internal enum Cast
{
    /// <summary>It is on the disk.</summary>
    Kept,

    /// <summary>This person has voted on this pair before.</summary>
    Repeated,

    /// <summary>The pair is not among those that are compared.</summary>
    Unknown,
}

/// <summary>Who has voted on what, and what comes next.</summary>
/// <remarks>Safe for concurrent calls. A vote counts once it is on the disk.</remarks>
internal sealed class Ballot
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ComparisonPair> _pairs;
    private readonly Dictionary<string, Vote> _votes;
    private readonly string[] _ids;
    private readonly SecretKey _key;
    private readonly string _path;

    public Ballot(ComparisonPlan plan, string path, SecretKey key)
    {
        (_key, _path, _pairs) = (key, path, plan.Pairs.ToDictionary(p => p.Id));
        _ids = [.. plan.Pairs.Select(p => p.Id)];
        _votes = VoteFile.Read(path).ToDictionary(v => v.Id);
    }

    /// <summary>How many pairs there are.</summary>
    public int Total => _ids.Length;

    public ComparisonPair? Find(string pair) => _pairs.GetValueOrDefault(pair);

    /// <summary>How many of the pairs a person has done, and the next one with its sides; null when there is none.</summary>
    public (int Done, ComparisonPair? Pair, bool Swapped) Next(string annotator, int skip)
    {
        var order = OrderFor(annotator);
        lock (_lock)
        {
            List<(string Pair, bool Swapped)> open = [.. order.Where(o => !_votes.ContainsKey(Vote.IdOf(annotator, o.Pair)))];
            return skip >= open.Count ? (Total - open.Count, null, false) : (Total - open.Count, _pairs[open[skip].Pair], open[skip].Swapped);
        }
    }

    /// <summary>Keeps a vote, unless there is one already.</summary>
    public Cast Add(Ticket ticket, Choice choice, DateTimeOffset time)
    {
        if (Find(ticket.Pair) is not { } pair)
            return Cast.Unknown;
        var vote = new Vote
        {
            Id = Vote.IdOf(ticket.Annotator, ticket.Pair),
            Pair = pair.Id,
            Query = pair.Query,
            Annotator = ticket.Annotator,
            First = pair.First.Method,
            Second = pair.Second.Method,
            Swapped = ticket.Swapped,
            Choice = choice,
            Time = time,
            Seconds = (time.ToUnixTimeMilliseconds() - ticket.Shown) / 1000.0,
        };
        lock (_lock)
        {
            if (_votes.ContainsKey(vote.Id))
                return Cast.Repeated;
            VoteFile.Append(_path, vote);
            _votes.Add(vote.Id, vote);
            return Cast.Kept;
        }
    }

    /// <summary>A person's own order, always the same, with the sides exchanged in half of the pairs.</summary>
    private (string Pair, bool Swapped)[] OrderFor(string annotator)
    {
        var random = new Random(BitConverter.ToInt32(_key.For("order " + annotator.ToUpperInvariant())));
        string[] ids = [.. _ids];
        random.Shuffle(ids);
        bool[] swapped = [.. ids.Select((_, i) => i % 2 == 1)];
        random.Shuffle(swapped);
        return [.. ids.Zip(swapped)];
    }
}
