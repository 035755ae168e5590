using System.Text.Json;
using TorchSharp;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.VisionReward.Model;
using static TorchSharp.torch;

namespace Vpo.Rewards.Tests.VisionReward;

[Trait("Category", "Golden")]
[Trait("Family", "visionreward_model")]
public sealed class VisionRewardModelGoldenTests
{
    public static TheoryData<string> Cases() => Golden.Cases("visionreward_model");

    [Theory, MemberData(nameof(Cases))]
    public void Model_GoldenCase_GivesTheReferencesTensors(string name)
    {
        using var golden = GoldenCase.Open("visionreward_model", name);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (golden.Json.TryGetProperty("rows", out var rows))
        {
            foreach (var row in rows.EnumerateArray())
                Positions(golden, row);
            return;
        }
        foreach (var mode in golden.Json.GetProperty("rope_modes").EnumerateObject())
            Mode(golden, mode.Name);
    }

    private static void Positions(GoldenCase golden, JsonElement row)
    {
        var id = row.GetProperty("name").GetString();
        var perFrame = row.GetProperty("tokens_per_frame").GetInt32();
        var side = 2 * (int)Math.Sqrt(perFrame - 2);
        var config = new VisionRewardConfig { Vision = new(8, 1, 1, 8, side, 1, 1e-6) };
        int[] number = [.. Enumerable.Repeat(7, row.GetProperty("number_tokens").GetInt32())];
        var (_, vision) = VideoPrompt.Prefix(config, [.. Enumerable.Repeat(number, row.GetProperty("frames").GetInt32())]);
        if (side * side / 4 + 2 == perFrame)
            golden.AssertClose($"in.{id}.token_type_ids", tensor([.. vision.Select(v => v ? 1L : 0), .. new long[row.GetProperty("text_length").GetInt32()]]));
        bool[] types = [.. golden.Tensor($"in.{id}.token_type_ids").cpu().data<long>().ToArray().Select(t => t == 1)];
        golden.AssertClose($"out.{id}.position_ids", tensor(VideoPrompt.Positions(types)));
    }

    private static void Mode(GoldenCase golden, string mode)
    {
        using var checkpoint = CheckpointFolder.Open(golden.PathTo("model"));
        var rope = mode switch { "A" => RopeMode.Exact, "B" => RopeMode.Stored, _ => throw new InvalidOperationException($"nobody planned rope mode '{mode}'") };
        var config = VisionRewardConfig.Open(golden.PathTo("model/config.json"));
        using var model = VisionRewardModel.Load(config, checkpoint, ScalarType.Float32, Golden.Device, rope);
        Assert.Equal(golden.Json.GetProperty("tokens_per_frame").GetInt32(), config.TokensPerFrame);
        var pixels = golden.Tensor("in.pixel_values");
        golden.AssertClose("vision_features", golden.Tensor("out.vision_features"), model.Vision.forward(pixels));
        golden.AssertClose("vision_layer_0", golden.Tensor("out.vision_layer_0"), model.Vision.AfterFirstLayer(pixels));
        int[][] numbers = [.. golden.Json.GetProperty("number_ids").EnumerateArray().Select(Ints)];
        var questions = golden.Json.GetProperty("questions").EnumerateArray().ToList();
        int[][] texts = [.. questions.Select(q => Ints(q.GetProperty("text_ids")))];
        using var video = model.Read(pixels, numbers);
        var together = model.Ask(video, texts);
        for (var i = 0; i < texts.Length; i++)
        {
            var id = questions[i].GetProperty("name").GetString();
            golden.AssertClose($"out.{id}.logits.{mode}", together[i]);
            golden.AssertClose($"out.{id}.logits.{mode}", model.Ask(video, [texts[i]])[0]);
            Assert.Equal(questions[i].GetProperty("argmax").GetProperty(mode).GetInt64(), together[i].argmax().item<long>());
            Assert.Equal(questions[i].GetProperty("first_text_position").GetInt64(), video.NextPosition);
            Whole(golden, model, (id!, mode), (numbers, texts[i]));
        }
        if (golden.Has("out.last_question_frames_reversed.logits." + mode))
        {
            using var reversed = model.Read(pixels.flip(0), numbers);
            golden.AssertClose("out.last_question_frames_reversed.logits." + mode, model.Ask(reversed, [texts[^1]])[0]);
        }
    }

    // The same without the cache, in one pass.
    private static void Whole(GoldenCase golden, VisionRewardModel model, (string Question, string Mode) which, (int[][] Numbers, int[] Text) input)
    {
        var (prefix, places) = VideoPrompt.Prefix(model.Config, input.Numbers);
        int[] ids = [.. prefix, .. input.Text];
        bool[] vision = [.. places, .. new bool[input.Text.Length]];
        var positions = VideoPrompt.Positions(vision);
        golden.AssertClose($"in.{which.Question}.input_ids", tensor(ids.Select(i => (long)i).ToArray()));
        golden.AssertClose($"in.{which.Question}.token_type_ids", tensor(vision.Select(v => v ? 1L : 0).ToArray()));
        golden.AssertClose($"in.{which.Question}.position_ids", tensor(positions));
        var embeddings = model.Embed(ids, vision, model.Vision.forward(golden.Tensor("in.pixel_values")));
        var logits = model.Head(model.Hidden(embeddings, positions))[0];
        golden.AssertClose($"out.{which.Question}.logits.{which.Mode}", logits[-1]);
        Check(golden, $"out.{which.Question}.inputs_embeds", () => embeddings[0]);
        Check(golden, $"out.{which.Question}.layer_0.{which.Mode}", () => model.FirstLayer(embeddings, positions)[0]);
        Check(golden, $"out.{which.Question}.all_logits_first_12.{which.Mode}", () => logits[.., ..12]);
    }

    private static void Check(GoldenCase golden, string name, Func<Tensor> actual)
    {
        if (golden.Has(name))
            golden.AssertClose(name, actual());
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetInt32())];
}
