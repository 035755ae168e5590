using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.Clip;
using static TorchSharp.torch;

namespace Vpo.Rewards.Tests.Clip;

[Trait("Category", "Golden")]
[Trait("Family", "clip")]
public sealed class ClipGoldenTests
{
    private static readonly HashSet<string> Described =
        ["family", "case", "seed", "made_with", "source", "notes", "tolerance", "texts", "context", "logit_scale", "hidden_act", "eos_rule", "text_embeds_difference_of_paddings", "style"];

    public static TheoryData<string> Cases() => Golden.Cases("clip");

    private static ClipModel Load(GoldenCase golden)
    {
        using var checkpoint = CheckpointFolder.Open(golden.PathTo("model"));
        return ClipModel.Load(ClipConfig.Open(golden.PathTo("model/config.json")), checkpoint, device: Golden.Device);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Encode_GoldenTexts_GivesTheReferencesIds(string name)
    {
        using var golden = GoldenCase.Open("clip", name);
        Assert.Empty(golden.Json.EnumerateObject().Select(f => f.Name).Except(Described));
        var (tokenizer, context) = (ClipTokenizer.Open(golden.PathTo("model")), golden.Json.GetProperty("context").GetInt32());
        foreach (var text in golden.Json.GetProperty("texts").EnumerateArray())
        {
            var words = text.GetProperty("text").GetString()!;
            Assert.Equal(Ints(text.GetProperty("ids")), tokenizer.Encode(words, context, parseSpecial: true));
            Assert.Equal(Ints(text.GetProperty("ids_untruncated")), tokenizer.Encode(words, parseSpecial: true));
        }
        var style = golden.Json.GetProperty("style");
        Assert.Equal(Ints(style.GetProperty("text_ids")), tokenizer.EncodeRows([style.GetProperty("text").GetString()!], context).Select(i => (int)i));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Forward_GoldenInputs_GivesTheReferencesFeatures(string name)
    {
        using var golden = GoldenCase.Open("clip", name);
        using var scope = NewDisposeScope();
        using var model = Load(golden);
        var (ids, visible, pixels) = (golden.Tensor("in.input_ids"), golden.Tensor("in.attention_mask"), golden.Tensor("in.pixel_values"));
        var (texts, images) = (model.TextFeatures(ids, visible), model.ImageFeatures(pixels));
        golden.AssertClose("out.text_last_hidden", model.TextHidden(ids, visible));
        golden.AssertClose("out.text_pooled", texts);
        golden.AssertClose("out.text_embeds", ClipModel.Unit(texts));
        golden.AssertClose("out.text_embeds", ClipModel.Unit(model.TextFeatures(ids)));
        golden.AssertClose("out.text_embeds_padded_with_zero", ClipModel.Unit(model.TextFeatures(golden.Tensor("in.input_ids_padded_with_zero"))));
        golden.AssertClose("out.vision_last_hidden", model.VisionHidden(pixels));
        golden.AssertClose("out.vision_pooled", images);
        golden.AssertClose("out.image_embeds", ClipModel.Unit(images));
        golden.AssertClose("out.logits_per_image", model.Logits(images, texts));
        golden.AssertClose("out.logits_per_text", model.Logits(images, texts).t());
        golden.AssertClose("logit_scale", golden.Json.GetProperty("logit_scale").GetDouble(), Math.Log(model.Scale));
    }

    [Theory, MemberData(nameof(Cases))]
    public void Frames_GoldenClips_GiveTheReferencesStyleScores(string name)
    {
        using var golden = GoldenCase.Open("clip", name);
        using var scope = NewDisposeScope();
        using var clip = new ClipScore(Load(golden), ClipTokenizer.Open(golden.PathTo("model")));
        var style = golden.Json.GetProperty("style");
        var all = new List<double>();
        foreach (var video in style.GetProperty("videos").EnumerateArray())
        {
            var frames = golden.Tensor($"in.style.{video.GetProperty("name").GetString()}.frames");
            var bytes = frames.to(ScalarType.Byte).contiguous().cpu().data<byte>().ToArray();
            var values = clip.Frames(style.GetProperty("text").GetString()!, new(bytes, (int)frames.shape[2], (int)frames.shape[1], 8));
            Assert.Equal(video.GetProperty("frames").GetArrayLength(), values.Count);
            foreach (var (expected, actual) in video.GetProperty("frames").EnumerateArray().Zip(values))
                golden.AssertClose("style", expected.GetDouble(), actual);
            golden.AssertClose("style", video.GetProperty("mean").GetDouble(), values.Average());
            golden.AssertClose("style", video.GetProperty("last_frame").GetDouble(), values[^1]);
            all.AddRange(values);
        }
        golden.AssertClose("style", style.GetProperty("mean_over_all_frames").GetDouble(), all.Average());
    }

    private static IEnumerable<int> Ints(JsonElement array) => array.EnumerateArray().Select(i => i.GetInt32());
}
