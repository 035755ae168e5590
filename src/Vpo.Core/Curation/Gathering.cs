namespace Vpo.Curation;

/// <summary>Reads the rows and asks the rules, a batch at a time on several threads.</summary>
internal sealed class Gathering
{
    private const int BatchSize = 8192;

    private readonly CurationOptions _options;
    private readonly IReadOnlyList<QueryRule> _rules;
    private readonly StepCounter[] _removed;
    private readonly StepCounter _damaged;

    public Gathering(CurationOptions options, IReadOnlyList<QueryRule> more)
    {
        _options = options;
        _rules = [.. options.Rules.All(), .. more];
        _removed = [.. _rules.Select(r => new StepCounter(r.Name, r.Says, options.Examples))];
        _damaged = new("damaged", "Rows that could not be read.", 20);
    }

    public int Read { get; private set; }

    public List<Examined> Passed { get; } = [];

    public Step Damaged => _damaged.Done;

    public IEnumerable<Step> Steps => _removed.Select(r => r.Done);

    public async Task ReadAsync(IAsyncEnumerable<SourceRow> rows, Action<int> progress, CancellationToken cancellationToken)
    {
        var batch = new List<SourceQuery>(BatchSize);
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Read++;
            if (row.Query is { } query)
                batch.Add(query);
            else
                _damaged.Add(row.Place, row.Place, row.Damage);
            if (batch.Count == BatchSize)
                Examine(batch, progress, cancellationToken);
        }
        Examine(batch, progress, cancellationToken);
    }

    private void Examine(List<SourceQuery> batch, Action<int> progress, CancellationToken cancellationToken)
    {
        var examined = new (Examined? Query, int Rule, string Text)[batch.Count];
        Parallel.For(0, batch.Count, new ParallelOptions { MaxDegreeOfParallelism = _options.Workers, CancellationToken = cancellationToken }, i =>
        {
            var facts = new QueryFacts(batch[i]);
            var rule = FirstThatRemoves(facts);
            examined[i] = (rule < 0 ? Examined.Of(facts) : null, rule, facts.Text);
        });
        foreach (var (query, rule, text) in examined)
        {
            if (query is not null)
                Passed.Add(query);
            else
                _removed[rule].Add(new Query(text).Id, text);
        }
        progress(Read);
        batch.Clear();
    }

    private int FirstThatRemoves(QueryFacts facts)
    {
        for (var i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].Removes(facts))
                return i;
        }
        return -1;
    }
}
