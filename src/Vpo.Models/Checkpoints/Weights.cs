using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>
/// Where a module's constructor takes its parameters from: a checkpoint, a random start, or nothing but shapes. A module asks for
/// each parameter by the name and shape it must have; <see cref="Build"/> then reports everything that did not fit, at once.
/// </summary>
/// <remarks>Because parameters are made from the checkpoint and not copied into it, a mapped checkpoint of the wanted type costs no second copy.</remarks>
public sealed class Weights
{
    private readonly WeightLedger _ledger;
    private readonly string _prefix;

    internal Weights(WeightLedger ledger, string prefix) => (_ledger, _prefix) = (ledger, prefix);

    /// <summary>The type that parameters get.</summary>
    public ScalarType Type => _ledger.Type;

    /// <summary>The device that parameters live on.</summary>
    public Device Device => _ledger.Device;

    /// <summary>The same source, one level deeper: <c>At("layers.0")</c> makes "weight" mean "layers.0.weight".</summary>
    public Weights At(string name) => new(_ledger, $"{_prefix}{name}.");

    /// <summary>Takes a parameter.</summary>
    /// <param name="name">Its name below the current prefix.</param>
    /// <param name="start">Its start when there is no checkpoint.</param>
    /// <param name="shape">The shape it must have.</param>
    public Parameter Take(string name, Initialization start, params long[] shape) => _ledger.Take(_prefix + name, start, shape);

    /// <summary>Whether the checkpoint has this name; true where there is no checkpoint.</summary>
    public bool Has(string name) => _ledger.Has(_prefix + name);

    /// <summary>Accepts, and leaves unread, a tensor that some exports write although the model does not need it.</summary>
    public void Ignore(string name) => _ledger.Ignore(_prefix + name);

    /// <summary>Builds a module from a checkpoint, strictly.</summary>
    /// <param name="checkpoint">The source; may be disposed afterwards.</param>
    /// <param name="type">Type of the parameters; null keeps each as it is on disk.</param>
    /// <param name="device">Where they live.</param>
    /// <param name="construct">The module's constructor.</param>
    /// <exception cref="CheckpointMismatchException">Lists every missing, unexpected and misshapen name.</exception>
    public static T Build<T>(ICheckpoint checkpoint, ScalarType? type, Device device, Func<Weights, T> construct) where T : nn.Module
    {
        var ledger = new WeightLedger.OfCheckpoint(checkpoint, type, device);
        var module = construct(new(ledger, ""));
        try
        {
            ledger.EnsureComplete();
            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>Builds a module with a random start: same seed, same start.</summary>
    public static T Initialize<T>(long seed, ScalarType type, Device device, Func<Weights, T> construct) where T : nn.Module
    {
        using var generator = new Generator((ulong)seed);
        return construct(new(new WeightLedger.OfRandom(generator, type, device), ""));
    }

    /// <summary>The names and shapes that a module asks for, without memory for its parameters.</summary>
    public static IReadOnlyDictionary<string, long[]> ShapesOf<T>(Func<Weights, T> construct) where T : nn.Module =>
        WantedBy(construct).ToDictionary(wanted => wanted.Name, wanted => wanted.Shape, StringComparer.Ordinal);

    /// <summary>What a module asks for, in the order of asking.</summary>
    internal static IReadOnlyList<WantedTensor> WantedBy<T>(Func<Weights, T> construct) where T : nn.Module
    {
        var ledger = new WeightLedger.OfShapes();
        construct(new(ledger, "")).Dispose();
        return ledger.Wanted;
    }
}
