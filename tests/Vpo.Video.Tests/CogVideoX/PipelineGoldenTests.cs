using System.Text.Json;
using TorchSharp;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

[Trait("Category", "Golden")]
[Trait("Family", "cogvideox_pipeline")]
public sealed class PipelineGoldenTests
{
    private static readonly string[] KnownKeys =
    [
        "family", "case", "seed", "made_with", "source", "tolerance", "notes", "pipeline", "scheduler", "prompt", "negative_prompt", "call",
        "guidance_scales", "noises", "frames_rgb_shape", "share_of_unclamped_pixels",
    ];

    private static readonly string[] KnownCallKeys =
        ["num_inference_steps", "guidance_scale", "use_dynamic_cfg", "max_sequence_length", "height", "width", "num_frames"];

    public static TheoryData<string> Cases() => Golden.Cases("cogvideox_pipeline");

    /// <summary>The draws of the reference, in its order.</summary>
    private sealed class Recorded(GoldenCase golden) : INoise
    {
        private readonly Queue<string> _names = new(new[] { "in.image_noise", "in.latents" }.Where(golden.Has)
            .Concat(Enumerable.Range(0, 1000).Select(i => $"in.noise{i}").TakeWhile(golden.Has)));

        public int Left => _names.Count;

        public Tensor Draw(long[] shape, ScalarType type)
        {
            var noise = golden.Tensor(_names.Dequeue()).to(type);
            Assert.Equal(shape, noise.shape);
            return noise;
        }

        public void Dispose() { }
    }

    /// <summary>Opens the folder as published, and holds the tokenizer to the recorded ids.</summary>
    private static CogVideoXPipeline Load(GoldenCase golden)
    {
        var folder = golden.PathTo("model");
        var pipeline = CogVideoXFolder.Open(folder, new() { Type = ScalarType.Float32, Device = Golden.Device.ToString(), TruncatesPrompts = true });
        Assert.Equal(golden.Json.GetProperty("call").GetProperty("max_sequence_length").GetInt64(), pipeline.Transformer.Config.MaxTextLength);
        CheckIds(golden, "out.input_ids", golden.Json.GetProperty("prompt").GetString()!);
        CheckIds(golden, "out.negative_input_ids", golden.Json.GetProperty("negative_prompt").GetString() ?? "");
        return pipeline;
    }

    private static void CheckIds(GoldenCase golden, string name, string prompt)
    {
        var expected = golden.Tensor(name).data<long>().ToArray();
        var found = T5Tokenizer.Open(golden.PathTo("model/tokenizer")).Encode(prompt).Take(expected.Length - 1).Append(1).Select(id => (long)id).ToList();
        Assert.Equal(expected, found.Concat(Enumerable.Repeat(0L, expected.Length - found.Count)));
    }

    private static GenerationBatch Batch(GoldenCase golden, INoise noise)
    {
        var call = golden.Json.GetProperty("call");
        Assert.All(call.EnumerateObject(), key => Assert.Contains(key.Name, KnownCallKeys));
        int Number(string key) => call.GetProperty(key).GetInt32();
        return new()
        {
            Prompts = [golden.Json.GetProperty("prompt").GetString()!],
            NegativePrompts = golden.Json.GetProperty("negative_prompt").GetString() is { } negative ? [negative] : null,
            Noise = noise,
            Shape = new(Number("num_frames"), Number("height"), Number("width")),
            Steps = Number("num_inference_steps"),
            Guidance = new(call.GetProperty("guidance_scale").GetDouble(), call.GetProperty("use_dynamic_cfg").GetBoolean()),
            Sampler = golden.Json.GetProperty("scheduler").GetString() == "CogVideoXDPMScheduler" ? SamplerKind.Dpm : SamplerKind.Ddim,
            Image = golden.Has("in.image") ? golden.Tensor("in.image") : null,
        };
    }

    [Theory, MemberData(nameof(Cases))]
    public void Generate_RecordedNoise_GivesEmbeddingsLatentsAndFrames(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_pipeline", name);
        Assert.All(golden.Json.EnumerateObject(), key => Assert.Contains(key.Name, KnownKeys));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var pipeline = Load(golden);
        var noise = new Recorded(golden);
        var batch = Batch(golden, noise);
        var (steps, guided) = (batch.Steps, batch.Guidance.IsOn);
        Assert.Equal(golden.Tensor("out.timesteps").data<long>().ToArray(), pipeline.Schedule.Timesteps(steps).Select(t => (long)t));
        foreach (var (timestep, scale) in pipeline.Schedule.Timesteps(steps).Zip(golden.Json.GetProperty("guidance_scales").EnumerateArray()))
            golden.AssertClose("guidance_scales", scale.GetDouble(), batch.Guidance.At(timestep, steps));
        var words = pipeline.EncodeText(batch);
        golden.AssertClose("out.prompt_embeds", words[^1..]);
        if (guided)
            golden.AssertClose("out.negative_prompt_embeds", words[..1]);
        var latents = pipeline.Denoise(batch, words, null, default, (i, after) => golden.AssertClose($"out.latents{i}", after));
        golden.AssertClose("out.latents", latents);
        Assert.Equal(0, noise.Left);
        golden.AssertClose("out.frames", pipeline.Decode(batch, latents));
        CheckWhole(golden, pipeline);
    }

    private static void CheckWhole(GoldenCase golden, CogVideoXPipeline pipeline)
    {
        var frames = pipeline.Generate(Batch(golden, new Recorded(golden)));
        golden.AssertClose("out.frames", frames);
        var expected = File.ReadAllBytes(golden.PathTo("frames.rgb"));
        var clips = VideoClips.Of(frames, 8, null);
        var shape = golden.Json.GetProperty("frames_rgb_shape").EnumerateArray().Select(e => e.GetInt32()).ToArray();
        Assert.Equal(shape, new[] { clips.Count, clips[0].FrameCount, clips[0].Height, clips[0].Width, 3 });
        var found = clips.SelectMany(clip => clip.Frames.ToArray()).ToArray();
        golden.AssertClose("frames.rgb", tensor(expected.Select(b => (long)b).ToArray()), tensor(found.Select(b => (long)b).ToArray()));
    }

    [Theory, MemberData(nameof(Cases))]
    public void EncodeImage_RecordedNoise_GivesTheConditionsLatents(string name)
    {
        using var golden = GoldenCase.Open("cogvideox_pipeline", name);
        if (!golden.Has("out.image_latents"))
            return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var pipeline = Load(golden);
        golden.AssertClose("out.image_latents", pipeline.EncodeImage(golden.Tensor("in.image"), new Recorded(golden), golden.Tensor("in.latents").shape));
    }
}
