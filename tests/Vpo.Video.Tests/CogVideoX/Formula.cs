using TorchSharp;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Weights and inputs that are formulas, so that expected numbers need no files.</summary>
internal sealed class Formula : ICheckpoint
{
    private readonly List<string> _order;

    private Formula(IReadOnlyDictionary<string, long[]> shapes)
    {
        Shapes = shapes;
        _order = [.. shapes.Keys.OrderByDescending(name => name == "patch_embed.pos_embedding")];   // comes first where there is one
    }

    public string Location => "formula";

    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    public static T Build<T>(Func<Weights, T> construct) where T : nn.Module =>
        Weights.Build(new Formula(Weights.ShapesOf(construct)), ScalarType.Float32, Golden.Device, construct);

    /// <summary>Element i: amp · sin(0.9 i + phase).</summary>
    public static Tensor Wave(double phase, params long[] shape) => Wave(1, phase, shape);

    public static Tensor Wave(double amp, double phase, long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)(amp * Math.Sin(0.9 * i + phase))).ToArray()).view(shape).to(Golden.Device);

    public Tensor Read(string name)
    {
        var (shape, j) = (Shapes[name], _order.IndexOf(name));
        var count = shape.Aggregate((a, b) => a * b);
        var factor = shape.Length > 1 && !name.EndsWith("pos_embedding", StringComparison.Ordinal) ? 2 / Math.Sqrt(count / shape[0]) : 1;
        var offset = shape.Length == 1 && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
        return tensor(Enumerable.Range(0, (int)count).Select(i => (float)(offset + 0.25 * Math.Sin(0.7 * i + 0.3 * j) * factor)).ToArray()).view(shape);
    }

    public void Dispose() { }
}
