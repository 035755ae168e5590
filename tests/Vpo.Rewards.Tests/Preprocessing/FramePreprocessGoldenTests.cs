using System.Text.Json;
using TorchSharp;
using Vpo.Rewards.Preprocessing;
using static TorchSharp.torch;

namespace Vpo.Rewards.Tests.Preprocessing;

[Trait("Category", "Golden")]
[Trait("Family", "frame_preprocess")]
public sealed class FramePreprocessGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("frame_preprocess");

    [Theory, MemberData(nameof(Cases))]
    public void Pixels_GoldenFrames_EqualTheReference(string name)
    {
        using var golden = GoldenCase.Open("frame_preprocess", name);
        using var scope = NewDisposeScope();
        var json = golden.Json;
        if (json.TryGetProperty("rows_224", out var large))
            ClipRows(golden, json.GetProperty("rows"), large);
        else
            VisionRewardRows(golden, json.GetProperty("rows"), json.GetProperty("target").GetInt32());
    }

    private static void VisionRewardRows(GoldenCase golden, JsonElement rows, int target)
    {
        foreach (var row in rows.EnumerateArray())
        {
            var (height, width) = (row.GetProperty("H").GetInt32(), row.GetProperty("W").GetInt32());
            Assert.Equal(row.GetProperty("scaled").EnumerateArray().Select(s => s.GetInt64()), VisionRewardFrames.ScaledSize(height, width, target));
            if (row.TryGetProperty("name", out var id))
            {
                var frames = golden.Tensor($"in.{id}.frames");
                golden.AssertClose($"out.{id}.pixel_values", VisionRewardFrames.From(frames, target));
                var clip = ClipOf(frames.permute(1, 2, 3, 0));
                golden.AssertClose($"out.{id}.pixel_values", VisionRewardFrames.From(clip, [.. Enumerable.Range(0, clip.FrameCount)], target, Golden.Device));
            }
            else
            {
                var clip = Pattern(golden.Json.GetProperty("constants"), row.GetProperty("T").GetInt32(), height, width);
                Compare(golden, "rows", row, VisionRewardFrames.From(clip, [.. Enumerable.Range(0, clip.FrameCount)], target, Golden.Device));
            }
        }
    }

    private static void ClipRows(GoldenCase golden, JsonElement rows, JsonElement large)
    {
        foreach (var row in rows.EnumerateArray())
        {
            var (id, target) = (row.GetProperty("name").GetString(), row.GetProperty("target").GetInt32());
            var clip = ClipOf(golden.Tensor($"in.{id}.frame_hwc").unsqueeze(0));
            golden.AssertClose("pil", golden.Tensor($"out.{id}.pil"), ClipFrames.AsPictures(clip, [0], target, Golden.Device)[0]);
            golden.AssertClose("tensor", golden.Tensor($"out.{id}.tensor"), ClipFrames.AsTensor(clip, [0], target, Golden.Device)[0]);
        }
        foreach (var row in large.EnumerateArray())
        {
            var clip = Pattern(golden.Json.GetProperty("constants"), 1, row.GetProperty("H").GetInt32(), row.GetProperty("W").GetInt32());
            Compare(golden, "pil", row.GetProperty("pil"), ClipFrames.AsPictures(clip, [0], 224, Golden.Device)[0]);
            Compare(golden, "tensor", row.GetProperty("tensor"), ClipFrames.AsTensor(clip, [0], 224, Golden.Device)[0]);
        }
    }

    // Some values and sums in place of a large tensor.
    private static void Compare(GoldenCase golden, string tolerance, JsonElement expected, Tensor actual)
    {
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()), actual.shape);
        var flat = actual.reshape(-1).cpu();
        var index = tensor(expected.GetProperty("flat_index").EnumerateArray().Select(i => i.GetInt64()).ToArray());
        golden.AssertClose(tolerance, tensor(expected.GetProperty("value").EnumerateArray().Select(i => i.GetDouble()).ToArray()), flat[index]);
        var sum = expected.GetProperty("sum_abs").GetDouble();
        Assert.Equal(1, flat.abs().sum(ScalarType.Float64).item<double>() / sum, 1e-3);
        golden.AssertClose(tolerance, expected.GetProperty("mean").GetDouble(), flat.to(float64).mean().item<double>());
        golden.AssertClose(tolerance, expected.GetProperty("std").GetDouble(), flat.to(float64).std(unbiased: false).item<double>());
    }

    private static VideoClip ClipOf(Tensor frames) =>
        new(frames.to(ScalarType.Byte).contiguous().cpu().data<byte>().ToArray(), (int)frames.shape[2], (int)frames.shape[1], 8);

    private static VideoClip Pattern(JsonElement k, int count, int height, int width)
    {
        int K(string name) => k.GetProperty(name).GetInt32();
        var (a, b, d, e, f) = (K("a"), K("b"), K("d"), K("e"), K("f"));
        var pixels = new byte[count * height * width * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (c, x, y, t) = (i % 3, i / 3 % width, i / 3 / width % height, i / 3 / width / height);
            pixels[i] = (byte)((a * c + b * t + d * y + e * x + x * y / f) % 256);
        }
        return new(pixels, width, height, 8);
    }
}
