using System.Text.Json;
using TorchSharp;
using Vpo.Video.CogVideoX;
using Vpo.Video.Files;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.Files;

[Trait("Category", "Golden")]
[Trait("Family", "video_io")]
public sealed class VideoIoGoldenTests
{
    private static readonly string[] KnownKeys =
        ["family", "case", "seed", "made_with", "source", "tolerance", "notes", "writer_options", "bytes_differing", "bytes", "values", "defaults"];

    private static readonly string[] KnownTensors = ["in.video", "out.frames_pt", "out.frames_np", "out.bytes_pil", "out.bytes_np"];

    public static TheoryData<string> Cases() => Golden.Cases("video_io");

    [Theory, MemberData(nameof(Cases))]
    public void Export_FramesBytesAndDefaults_AreTheReferences(string name)
    {
        using var golden = GoldenCase.Open("video_io", name);
        using var scope = NewDisposeScope();
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        foreach (var key in new[] { "writer_options", "defaults" })
        {
            if (golden.Json.TryGetProperty(key, out var options))
                CheckWriter(options, usual: key == "defaults");
        }
        if (golden.Json.TryGetProperty("values", out var values))
            Assert.All(values.EnumerateArray(), CheckValue);
        if (File.Exists(golden.PathTo("io.safetensors")))
            CheckVideo(golden);
    }

    private static void CheckVideo(GoldenCase golden)
    {
        Assert.All(golden.TensorNames, tensor => Assert.Contains(tensor, KnownTensors));
        var frames = FrameRounding.FromDecoder(golden.Tensor("in.video"));
        golden.AssertClose("out.frames_pt", frames);
        golden.AssertClose("out.frames_np", frames.permute(0, 1, 3, 4, 2));
        Tensor Bytes(ByteRounding rounding) => FrameRounding.ToBytes(frames[0], rounding).permute(0, 2, 3, 1).to(ScalarType.Int64);
        var (rounded, truncated) = (Bytes(ByteRounding.HalfToEven), Bytes(ByteRounding.TowardsZero));
        golden.AssertClose("out.bytes_pil", rounded);
        golden.AssertClose("out.bytes_np", truncated);
        if (golden.Json.TryGetProperty("bytes_differing", out var differing))
            Assert.Equal(differing.GetInt64(), rounded.ne(truncated).sum().item<long>());
        if (golden.Json.TryGetProperty("bytes", out var count))
            Assert.Equal(count.GetInt64(), rounded.numel());
        var clip = VideoClips.Of(frames, 8, null)[0];
        Assert.Equal(rounded.to(ScalarType.Byte).contiguous().cpu().data<byte>().ToArray(), clip.Frames.ToArray());
    }

    private static void CheckValue(JsonElement entry)
    {
        using var value = tensor(entry.GetProperty("value").GetSingle());
        Assert.Equal(entry.GetProperty("pil").GetByte(), FrameRounding.ToBytes(value).item<byte>());
        Assert.Equal(entry.GetProperty("np").GetByte(), FrameRounding.ToBytes(value, ByteRounding.TowardsZero).item<byte>());
    }

    /// <summary>The recorded options are those of a call with its own rate, or of a call without any.</summary>
    private static void CheckWriter(JsonElement options, bool usual)
    {
        Assert.All(options.EnumerateObject(), key => Assert.Contains(key.Name, new[] { "fps", "quality", "bitrate", "macro_block_size" }));
        var reference = VideoFileOptions.AsReference;
        if (usual)
            Assert.Equal(options.GetProperty("fps").GetDouble(), reference.FramesPerSecond);
        Assert.Equal(VideoFileOptions.RateFactorOf(options.GetProperty("quality").GetDouble()), reference.RateFactor);
        Assert.Equal(options.GetProperty("macro_block_size").GetInt32(), reference.MacroBlockSize);
        Assert.Equal(options.GetProperty("bitrate").ValueKind == JsonValueKind.Null ? null : options.GetProperty("bitrate").GetInt64(), reference.BitRate);
    }
}
