using TorchSharp.Modules;
using Vpo.Models.Native;
using static TorchSharp.torch;

namespace Vpo.Models.Checkpoints;

/// <summary>Gives parameters and keeps book of what was asked for.</summary>
internal abstract class WeightLedger(ScalarType type, Device device)
{
    public ScalarType Type { get; } = type;
    public Device Device { get; } = device;

    public abstract Parameter Take(string name, Initialization start, long[] shape);

    public virtual bool Has(string name) => true;

    public virtual void Ignore(string name) { }

    private static Parameter Own(Tensor tensor) => new(tensor.DetachFromDisposeScope(), requires_grad: false);

    /// <summary>From a file; collects what does not fit.</summary>
    public sealed class OfCheckpoint(ICheckpoint checkpoint, ScalarType? type, Device device)
        : WeightLedger(type ?? ScalarType.Float32, device)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly List<string> _missing = [], _misshapen = [];

        public override bool Has(string name) => checkpoint.Shapes.ContainsKey(name);

        public override void Ignore(string name) => _seen.Add(name);

        public override Parameter Take(string name, Initialization start, long[] shape)
        {
            _seen.Add(name);
            if (!checkpoint.Shapes.TryGetValue(name, out var found))
                _missing.Add(name);
            else if (!found.AsSpan().SequenceEqual(shape))
                _misshapen.Add($"{name} (expected [{string.Join(", ", shape)}], found [{string.Join(", ", found)}])");
            else
                return Own(Read(name));
            return Own(empty(shape, dtype: Type, device: META));
        }

        public void EnsureComplete()
        {
            var unexpected = checkpoint.Shapes.Keys.Where(name => !_seen.Contains(name)).ToList();
            if (_missing.Count + _misshapen.Count + unexpected.Count == 0)
                return;
            throw new CheckpointMismatchException($"The weights in '{checkpoint.Location}' are not those of this model."
                + List("missing", _missing) + List("unexpected", unexpected) + List("of another shape", _misshapen)
                + " Check that config and weights belong together.");
        }

        private Tensor Read(string name)
        {
            var stored = checkpoint.Read(name);
            if ((type is null || stored.dtype == type) && Device.type == TorchSharp.DeviceType.CPU)
                return stored;
            var converted = stored.to(type ?? stored.dtype, Device);
            stored.Dispose();
            return converted;
        }

        private static string List(string what, List<string> names) => names.Count == 0 ? "" : $" {names.Count} {what}: {string.Join(", ", names)}.";
    }

    /// <summary>Random numbers in float32, drawn on the CPU in the order of asking, then converted.</summary>
    public sealed class OfRandom(Generator generator, ScalarType type, Device device) : WeightLedger(type, device)
    {
        public override Parameter Take(string name, Initialization start, long[] shape)
        {
            LibtorchLoader.EnsureLoaded();
            using var drawn = start.Create(shape, generator);
            return Own(drawn.to(Type, Device, copy: true));
        }
    }

    /// <summary>Shapes only, on the meta device.</summary>
    public sealed class OfShapes() : WeightLedger(ScalarType.Float32, META)
    {
        public List<WantedTensor> Wanted { get; } = [];

        public override Parameter Take(string name, Initialization start, long[] shape)
        {
            Wanted.Add(new(name, start, shape));
            return Own(empty(shape, device: META));
        }
    }
}

/// <summary>A parameter that a module asks for.</summary>
/// <param name="Name">Whole.</param>
/// <param name="Start">How it starts when no checkpoint gives it.</param>
/// <param name="Shape">Its sizes.</param>
internal sealed record WantedTensor(string Name, Initialization Start, long[] Shape);
