using System.Runtime.InteropServices;
using Vpo.Models.Decoding;

namespace Vpo.Models.Generation;

/// <summary>Writes the answers of all calls that are running together: an answer that ends leaves at once and the next takes its place, calls join and leave between tokens.</summary>
/// <param name="engine">The model.</param>
/// <param name="fast">Whether libtorch may multiply, in an order of sums that depends on how many answers there are.</param>
/// <param name="most">Answers that are written at once.</param>
internal sealed unsafe class EngineRun(LlamaEngine engine, bool fast, int most) : IDisposable
{
    private const int RowsOfAPass = 512, WorthSharing = 16;
    private const int LibraryRows = 6;   // from here on libtorch is faster in bfloat16 (measured)
    private const long WorthHelp = 1 << 18;   // logits to choose from

    private readonly Workspace _space = engine.Rent();
    private readonly RowChooser _chooser = new(engine.Vocabulary);
    private readonly List<Call> _calls = [];   // whose turn is first comes first
    private readonly List<Writing> _rows = [];

    private sealed record Writing(Call Call, Answer Answer, Strand Strand)
    {
        public int[] Next { get; } = new int[1];
    }

    /// <param name="For">Who waits for it.</param>
    /// <param name="Group">What to read, and the answers to begin then.</param>
    /// <param name="Strand">As far as it has been read.</param>
    private sealed record Reading(IReadOnlyList<Call> For, PromptGroup Group, Strand Strand)
    {
        public bool IsOver => For.All(call => call.IsOver);
    }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsIdle => _calls.Count == 0;

    /// <summary>Lets a call in.</summary>
    public void Add(Call call)
    {
        call.Queue(most);
        _calls.Add(call);
    }

    /// <summary>Begins what there is room for and adds a token to every answer; calls that are finished or cancelled leave.</summary>
    public void Advance()
    {
        Leave();
        if (_rows.Count == 0 || most - _rows.Count >= Math.Max(1, most / 8))   // several prompts at a time are cheaper to read
            Admit();
        if (_rows.Count > 0)
            Step();
        Leave();
    }

    /// <summary>Ends all calls.</summary>
    public void Fail(Exception cause)
    {
        foreach (var call in _calls)
            call.Fail(cause);
        Leave();
    }

    public void Dispose() => engine.Return(_space);

    private Span<float> LogitsOf(int row) => new(_space.Logits + (nint)row * engine.Vocabulary, engine.Vocabulary);

    private void Leave()
    {
        _calls.RemoveAll(call => call.TryEnd());
        _rows.RemoveAll(row => row.Call.IsOver);
    }

    /// <summary>Takes prompts, one of each call in turn, while their answers have room.</summary>
    private void Admit()
    {
        var admitted = new List<(Call Call, PromptGroup Group)>();
        var free = most - _rows.Count;
        while (_calls.Find(c => c.NextCount > 0) is { } call && call.NextCount <= free)
        {
            free -= call.NextCount;
            admitted.Add((call, call.Next()));
            _calls.Remove(call);
            _calls.Add(call);
        }
        if (admitted.Count == 0)
            return;
        foreach (var alike in admitted.Where(a => a.Group.Prompt.Length > WorthSharing).GroupBy(a => new string(MemoryMarshal.Cast<int, char>(a.Group.Prompt.AsSpan(0, WorthSharing)))))
            ReadShared([.. alike]);
        Read([.. admitted.Select(a => new Reading([a.Call], a.Group, engine.Prefixes.Begin(a.Group.Prompt, engine.Shape)))]);
    }

    /// <summary>A beginning that several prompts share is read once, and remembered for later.</summary>
    private void ReadShared(IReadOnlyList<(Call Call, PromptGroup Group)> alike)
    {
        if (alike.Count < 2)
            return;
        var prompt = alike[0].Group.Prompt[..PromptGroup.SharedLength([.. alike.Select(a => a.Group.Prompt)])];
        if (prompt.Length < WorthSharing)
            return;
        var strand = engine.Prefixes.Begin(prompt, engine.Shape);
        if (strand.Length < prompt.Length - 1)   // the last id is never taken from memory
            Read([new([.. alike.Select(a => a.Call)], new(prompt, []), strand)]);
    }

    /// <summary>Reads what is left of prompts, some hundred tokens at a time, and chooses the first id of each answer. Answers that are being written go on between.</summary>
    private void Read(List<Reading> prompts)
    {
        var (others, first) = (_rows.Count > 0, 0);
        while (true)
        {
            var (feeds, done, room) = (new List<Feed>(), new List<Reading>(), RowsOfAPass);
            while (room > 0 && first < prompts.Count)
            {
                if (prompts[first].IsOver)
                {
                    first++;
                    continue;
                }
                var (_, group, strand) = prompts[first];
                var count = Math.Min(room, group.Prompt.Length - strand.Length);
                var isLast = strand.Length + count == group.Prompt.Length;
                feeds.Add(new(strand, group.Prompt.AsMemory(strand.Length, count), isLast && group.Answers.Count > 0));
                room -= count;
                if (!isLast)
                    break;
                done.Add(prompts[first++]);
            }
            if (feeds.Count == 0)
                return;
            engine.Forward(feeds, inLibrary: true, _space);
            Begin(done, prompts.Count == 1);
            if (others && first < prompts.Count && _rows.Count > 0)
                Step();
        }
    }

    private void Begin(List<Reading> prompts, bool isOnlyOne)
    {
        var row = 0;
        foreach (var (calls, group, strand) in prompts)
        {
            if (isOnlyOne)
                engine.Prefixes.Keep(group.Prompt, strand);
            if (group.Answers.Count == 0)
                continue;
            var logits = LogitsOf(row++);
            foreach (var answer in group.Answers)
            {
                var writing = new Writing(calls[0], answer, strand.Fork(strand.Length));
                writing.Next[0] = _chooser.Choose(calls[0].Options, group.Answers.Count == 1 ? logits : logits.ToArray(), answer);
                if (calls[0].Add(answer, writing.Next[0]))
                    _rows.Add(writing);
            }
        }
    }

    private void Step()
    {
        engine.Forward(_rows.ConvertAll(row => new Feed(row.Strand, row.Next, WantsLogits: true)), inLibrary: fast && _rows.Count >= LibraryRows, _space);
        using (var team = Crew.Shared.Take((long)_rows.Count * engine.Vocabulary >= WorthHelp && _rows.Count > 1))
        {
            team.For(_rows.Count, 1, (first, end) =>
            {
                for (var row = first; row < end; row++)
                    _rows[row].Next[0] = _chooser.Choose(_rows[row].Call.Options, LogitsOf(row), _rows[row].Answer);
            });
        }
        _rows.RemoveAll(row => !row.Call.Add(row.Answer, row.Next[0]));
    }
}
