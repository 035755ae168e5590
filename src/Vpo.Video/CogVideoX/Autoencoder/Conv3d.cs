using TorchSharp;
using static TorchSharp.torch;

namespace Vpo.Video.CogVideoX;

/// <summary>3-D convolution by the route that is fast for the size and type.</summary>
internal static class Conv3d
{
    private const long SmallInput = 20480;   // libtorch sends smaller float32 inputs to its own kernel, up to nine times slower than oneDNN
    private static readonly Lazy<jit.CompilationUnit> s_oneDnn = new(() => jit.compile(
        "def run(x, w, b, border: int):\n  return torch.mkldnn_convolution(x, w, b, [0, border, border], [1, 1, 1], [1, 1, 1], 1)\n"));

    private static readonly Lazy<bool> s_available = new(Works);

    /// <param name="x">[B, C, F, H, W].</param>
    /// <param name="weight">[outputs, C, k, k, k].</param>
    /// <param name="bias">[outputs].</param>
    /// <param name="border">Zeros around each frame.</param>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor bias, long border)
    {
        var small = x.dtype == ScalarType.Float32 && x.device.type == DeviceType.CPU && weight.shape[2] > 1 && x.numel() / x.shape[4] <= SmallInput;
        return small && s_available.Value ? OneDnn(x, weight, bias, border) : nn.functional.conv3d(x, weight, bias, padding: [0, border, border]);
    }

    private static Tensor OneDnn(Tensor x, Tensor weight, Tensor bias, long border)
    {
        using var contiguous = x.contiguous();
        return (Tensor)s_oneDnn.Value.invoke("run", contiguous, weight, bias, border)!;
    }

    private static bool Works()
    {
        try
        {
            using var scope = NewDisposeScope();
            OneDnn(zeros([1, 1, 1, 1, 1]), zeros([1, 1, 1, 1, 1]), zeros(1), 0);
            return true;
        }
        catch (System.Runtime.InteropServices.ExternalException)
        {
            return false;   // a libtorch built without oneDNN
        }
    }
}
