using Vpo.Training.Groups;

namespace Vpo.Training;

/// <summary>Which examples each optimizer step sees. A function of count, options and step: nothing has to be saved to go on in the middle.</summary>
internal sealed class BatchPlan
{
    private readonly TrainingOptions _options;
    private readonly IWorkGroup? _group;
    private readonly int _count, _stepsPerEpoch;
    private (int Epoch, int[] Order)? _latest;

    public BatchPlan(int count, TrainingOptions options, IWorkGroup? group = null)
    {
        (_count, _options, _group) = (count, options, group);
        _stepsPerEpoch = CeilingOf(CeilingOf(count, Together), options.Accumulation);
        TotalSteps = _stepsPerEpoch * options.Epochs;
    }

    /// <summary>Optimizer steps in all.</summary>
    public int TotalSteps { get; }

    // Examples of one forward pass of all processes.
    private int Together => _options.BatchSize * (_group?.Size ?? 1);

    /// <summary>The part of a micro-batch that this process computes; may be empty in the last one.</summary>
    public int[] ShareOf(int[] micro) => _group is null ? micro : micro[(micro.Length * _group.Rank / _group.Size)..(micro.Length * (_group.Rank + 1) / _group.Size)];

    /// <summary>The micro-batches of a step (from 0), as indices of examples.</summary>
    public IReadOnlyList<int[]> At(int step)
    {
        var order = OrderOf(step / _stepsPerEpoch);
        var first = step % _stepsPerEpoch * _options.Accumulation;
        return [.. order.Chunk(Together).Skip(first).Take(_options.Accumulation)];
    }

    /// <summary>Every example once, in the micro-batches of the first epoch.</summary>
    public IEnumerable<int[]> FirstEpoch => OrderOf(0).Chunk(_options.BatchSize);

    private int[] OrderOf(int epoch)
    {
        if (_latest is { } latest && latest.Epoch == epoch)
            return latest.Order;
        var order = Enumerable.Range(0, _count).ToArray();
        if (_options.Shuffle)
            new Random(ContentId.Seed(_options.Seed, "order of epoch", epoch.ToString(System.Globalization.CultureInfo.InvariantCulture))).Shuffle(order);
        _latest = (epoch, order);
        return order;
    }

    private static int CeilingOf(int value, int divisor) => (value + divisor - 1) / divisor;
}
