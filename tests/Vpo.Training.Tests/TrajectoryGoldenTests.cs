using Vpo.Models.Lora;
using Vpo.Training.Losses;
using static TorchSharp.torch;

namespace Vpo.Training;

public sealed class TrajectoryGoldenTests
{
    private static readonly string[] Keys =
    [
        "family", "case", "seed", "made_with", "source", "options", "optimizer", "decay_parameters", "total_steps", "steps", "largest_weight_change", "tolerance", "notes", "reference", "lora",
    ];

    public static TheoryData<string> SftCases => Golden.Cases("sft_trajectory");

    public static TheoryData<string> DpoCases => Golden.Cases("dpo_trajectory");

    [Theory, MemberData(nameof(SftCases))]
    [Trait("Category", "Golden"), Trait("Family", "sft_trajectory")]
    public void SupervisedFineTuner_Golden_FollowsTrl(string name)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("sft_trajectory", name);
        var options = Check(golden, []);
        using var model = TrainingGolden.Trainable(golden);
        var rows = TrainingGolden.Rows(golden.Json).Select(row =>
        {
            TrainingGolden.AllowOnly(row, "input_ids", "prompt_len");
            var (ids, prompt) = (TrainingGolden.Ids(row.GetProperty("input_ids")), row.GetProperty("prompt_len").GetInt32());
            return new TokenizedExample(ids[..prompt], ids[prompt..]);
        }).ToList();
        var result = new SupervisedFineTuner(model, TrainingGolden.Fill(new SftOptions { Schedule = TrainingGolden.Schedule(options) }, options)).Train(rows);
        TrainingGolden.AssertTrajectory(golden, result, model);
    }

    [Theory, MemberData(nameof(DpoCases))]
    [Trait("Category", "Golden"), Trait("Family", "dpo_trajectory")]
    public void PreferenceTrainer_Golden_FollowsTrl(string name) => Dpo(name, RowLayout.Automatic);

    [Theory, MemberData(nameof(DpoCases))]
    [Trait("Category", "Golden"), Trait("Family", "dpo_trajectory")]
    public void PreferenceTrainer_GoldenPacked_FollowsTrl(string name) => Dpo(name, RowLayout.SharedPrefix);

    private static void Dpo(string name, RowLayout layout)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenCase.Open("dpo_trajectory", name);
        string[] ofTheLoss = ["beta", "loss_type", "loss_weights", "label_smoothing", "f_divergence_type", "f_alpha_divergence_coef", "discopop_tau"];
        var options = Check(golden, ofTheLoss);
        var isLora = golden.Json.TryGetProperty("lora", out _);
        Assert.Equal(isLora ? "adapter switched off (base model)" : "copy of the initial model", golden.Json.GetProperty("reference").GetString());
        using var model = isLora ? TrainingGolden.Model(golden) : TrainingGolden.Trainable(golden);
        using var adapter = isLora ? LoraAdapter.Open(model, golden.PathTo("adapter")) : null;
        foreach (var (_, parameter) in adapter?.Parameters ?? [])
            parameter.requires_grad = true;
        var rows = TrainingGolden.Rows(golden.Json).Select(TrainingGolden.Pair).ToList();
        var trainer = new PreferenceTrainer(model, TrainingGolden.Fill(new PreferenceOptions { Schedule = TrainingGolden.Schedule(options), Loss = LossNames.Trl(options, TrainingGolden.TrainerOptions), Layout = layout }, options)) { AsReference = adapter is null ? null : adapter.Off };
        TrainingGolden.AssertTrajectory(golden, trainer.Train(rows), model);
    }

    private static System.Text.Json.JsonElement Check(GoldenCase golden, string[] special)
    {
        TrainingGolden.AllowOnly(golden.Json, Keys);
        Assert.Equal("AdamW", golden.Json.GetProperty("optimizer").GetString());
        var options = golden.Json.GetProperty("options");
        TrainingGolden.AllowOnly(options, [.. TrainingGolden.TrainerOptions, .. special]);
        return options;
    }
}
