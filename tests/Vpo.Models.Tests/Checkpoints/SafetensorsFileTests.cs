using TorchSharp;
using Vpo.Models.Checkpoints;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-safetensors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(params (string Name, Tensor Tensor)[] tensors)
    {
        var path = Path.Combine(_folder, "a.safetensors");
        SafetensorsWriter.Write(path, tensors.Select(t => KeyValuePair.Create(t.Name, t.Tensor)), new Dictionary<string, string> { ["format"] = "pt" });
        return path;
    }

    [Fact]
    public void Read_WrittenTensors_AreTheSame()
    {
        using var scope = NewDisposeScope();
        ScalarType[] types = [float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, ScalarType.Bool];
        var tensors = types.Select(t => (t.ToString(), arange(6).reshape(2, 3).to(t))).Append(("empty", zeros(0, 4))).Append(("scalar", tensor(2.5f))).ToArray();
        using var file = SafetensorsFile.Open(Write(tensors));
        Assert.Equal("pt", file.Metadata["format"]);
        foreach (var (name, tensor) in tensors)
        {
            var read = file.Read(name);
            Assert.Equal(tensor.dtype, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.True(tensor.numel() == 0 || tensor.eq(read).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Read_WritingToTheView_LeavesTheFileAlone()
    {
        using var scope = NewDisposeScope();
        var path = Write(("w", ones(4)));
        using var file = SafetensorsFile.Open(path);
        file.Read("w").zero_();
        using var again = SafetensorsFile.Open(path);
        Assert.Equal(4f, again.Read("w").sum().item<float>());
    }

    [Fact]
    public void Read_ThroughASymbolicLink_GivesTheTensor()
    {
        using var scope = NewDisposeScope();
        var link = Path.Combine(_folder, "link.safetensors");
        File.CreateSymbolicLink(link, Write(("w", ones(1000))));
        using var file = SafetensorsFile.Open(link);
        Assert.Equal(1000f, file.Read("w").sum().item<float>());
    }
}
