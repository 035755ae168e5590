using Vpo.Storage;

namespace Vpo;

/// <summary>What a million tokens cost, in any currency.</summary>
/// <param name="Input">Read by the model.</param>
/// <param name="Output">Written by the model.</param>
public readonly record struct TokenPrice(decimal Input, decimal Output);

/// <summary>One attempt at a call.</summary>
/// <param name="Stage">What it was made for.</param>
/// <param name="Model">As the answer named it; null when it did not, or there was none.</param>
/// <param name="Input">Tokens read, as the answer says; 0 where it does not.</param>
/// <param name="Output">Tokens written.</param>
/// <param name="Failure">Kind of the failure; null when an answer came.</param>
public sealed record CallRecord(string Stage, string? Model, long Input, long Output, string? Failure);

/// <summary>Sums over the attempts of a stage.</summary>
/// <param name="Calls">Attempts that brought an answer.</param>
/// <param name="Failures">Attempts that brought none. What the service charges for those it alone knows.</param>
/// <param name="Input">Tokens read.</param>
/// <param name="Output">Tokens written.</param>
/// <param name="Cost">By the prices given; models without a price count 0.</param>
public sealed record LedgerTotals(int Calls, int Failures, long Input, long Output, decimal Cost);

/// <summary>Counts tokens and costs of every attempt, retries included, by stage. Safe for concurrent calls.</summary>
/// <param name="file">A JSON Lines file to which each attempt is appended, and from which earlier ones are read; null: in memory alone.</param>
/// <param name="prices">Price of each model, by the name that its answers carry.</param>
public sealed class CostLedger(string? file = null, IReadOnlyDictionary<string, TokenPrice>? prices = null)
{
    private const decimal Million = 1_000_000;

    private readonly Lock _gate = new();
    private readonly List<CallRecord> _calls = [.. file is null ? [] : JsonlFile.Read(file, VpoJson.Lines.CallRecord)];

    /// <summary>All attempts so far.</summary>
    public IReadOnlyList<CallRecord> Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    /// <summary>Adds an attempt.</summary>
    public void Add(CallRecord call)
    {
        ArgumentNullException.ThrowIfNull(call);
        lock (_gate)
        {
            _calls.Add(call);
            if (file is not null)
                JsonlFile.Append(file, [call], VpoJson.Lines.CallRecord);
        }
    }

    /// <summary>Sums of one stage, or of all when it is null.</summary>
    public LedgerTotals Total(string? stage = null)
    {
        var calls = Calls.Where(c => stage is null || c.Stage == stage).ToList();
        return new(calls.Count(c => c.Failure is null), calls.Count(c => c.Failure is not null), calls.Sum(c => c.Input), calls.Sum(c => c.Output), calls.Sum(CostOf));
    }

    /// <summary>Sums by stage.</summary>
    public IReadOnlyDictionary<string, LedgerTotals> ByStage() => Calls.Select(c => c.Stage).Distinct().ToDictionary(stage => stage, stage => Total(stage));

    private decimal CostOf(CallRecord call) =>
        call.Model is not null && prices?.TryGetValue(call.Model, out var price) == true ? ((call.Input * price.Input) + (call.Output * price.Output)) / Million : 0;
}
