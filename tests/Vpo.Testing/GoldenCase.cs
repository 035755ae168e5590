using System.Globalization;
using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace Vpo.Testing;

/// <summary>One case of a golden family: its case.json, its tensors, its checkpoints, and comparisons within its own tolerances.</summary>
public sealed class GoldenCase : IDisposable
{
    private readonly JsonDocument _json;
    private readonly Lazy<SafetensorsFile> _io;

    private GoldenCase(string folder)
    {
        Folder = folder;
        _json = JsonDocument.Parse(File.ReadAllText(PathTo("case.json")));
        _io = new(() => SafetensorsFile.Open(PathTo("io.safetensors")));
    }

    public string Folder { get; }
    public string Name => Path.GetFileName(Folder);
    public JsonElement Json => _json.RootElement;

    /// <summary>Names of the tensors in io.safetensors.</summary>
    public IEnumerable<string> TensorNames => _io.Value.Shapes.Keys;

    /// <summary>Opens a case that <see cref="Golden.Cases"/> named; an absent family fails, or is skipped under VPO_GOLDEN.</summary>
    public static GoldenCase Open(string family, string name)
    {
        if (name == Golden.Absent)
        {
            if (Golden.IsForeign)
                Assert.Skip($"{family}: not under VPO_GOLDEN");
            Assert.Fail($"{family}: no case under '{Golden.Root}'. Copy the family there.");
        }
        return new(Path.Combine(Golden.Root, family, name));
    }

    public string PathTo(string relative) => Path.Combine(Folder, relative);

    public bool Has(string tensor) => _io.Value.Shapes.ContainsKey(tensor);

    /// <summary>A tensor of io.safetensors, on the device that VPO_DEVICE names.</summary>
    public Tensor Tensor(string name) => _io.Value.Read(name).to(Golden.Device);

    /// <summary>Skips, by name, what a later issue brings.</summary>
    public static void NotYet(string option) => Assert.Skip("not yet: " + option);

    /// <summary>Compares with the tensor of that name in io.safetensors.</summary>
    public void AssertClose(string name, Tensor actual)
    {
        using var scope = NewDisposeScope();
        AssertClose(name, Tensor(name), actual);
    }

    /// <summary>Compares with an expectation that is not in io.safetensors; the name selects the tolerance.</summary>
    public void AssertClose(string name, Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.True(expected.shape.AsSpan().SequenceEqual(actual.shape),
            $"{Name}/{name}: expected shape [{string.Join(",", expected.shape)}], found [{string.Join(",", actual.shape)}]");
        if (expected.numel() == 0)
            return;
        var (e, a) = (expected.to(ScalarType.Float64).cpu(), actual.detach().to(ScalarType.Float64).cpu());
        var (rtol, atol) = ToleranceOf(name);
        if (allclose(a, e, rtol, atol, equal_nan: true))
            return;
        var bad = isclose(a, e, rtol, atol, nanEqual: true).logical_not().reshape(-1);
        var first = bad.to(ScalarType.Int64).argmax().item<long>();
        var worst = (a - e).abs().nan_to_num().max().item<double>();
        Assert.Fail(string.Create(CultureInfo.InvariantCulture,
            $"{Name}/{name}: {bad.sum().item<long>()} of {bad.numel()} differ beyond rtol {rtol} atol {atol}; greatest difference {worst:g4}; first at {first}: expected {e.reshape(-1)[first].item<double>():g9}, found {a.reshape(-1)[first].item<double>():g9}"));
    }

    /// <summary>Compares numbers; the name selects the tolerance.</summary>
    public void AssertClose(string name, double expected, double actual)
    {
        var (rtol, atol) = ToleranceOf(name);
        Assert.True(Math.Abs(actual - expected) <= atol + rtol * Math.Abs(expected) || (double.IsNaN(expected) && double.IsNaN(actual)) || expected.Equals(actual),
            string.Create(CultureInfo.InvariantCulture, $"{Name}/{name}: expected {expected:g9}, found {actual:g9} (rtol {rtol}, atol {atol})"));
    }

    /// <summary>The longest name or beginning of a name that fits wins; no tolerance at all means exact.</summary>
    public (double Rtol, double Atol) ToleranceOf(string name)
    {
        if (!Json.TryGetProperty("tolerance", out var table))
            return (0, 0);
        var best = table.EnumerateObject().Where(t => name.StartsWith(t.Name, StringComparison.Ordinal))
            .OrderByDescending(t => t.Name.Length).Select(t => (JsonElement?)t.Value).FirstOrDefault();
        if (best is null && table.TryGetProperty("default", out var fallback))
            best = fallback;
        return best is { } b ? (b.GetProperty("rtol").GetDouble(), b.GetProperty("atol").GetDouble()) : (0, 0);
    }

    public void Dispose()
    {
        _json.Dispose();
        if (_io.IsValueCreated)
            _io.Value.Dispose();
    }
}
