using Vpo.Training.Optimizers;

namespace Vpo.Training.HandOver;

public sealed class HandOverTests
{
    private static readonly HandOverPlan Plan = new("meta-llama/Meta-Llama-3-8B-Instruct", "vpo_pairs", "saves/dpo") { DeepSpeed = "examples/deepspeed/ds_z3_config.json" };

    [Fact]
    public void LlamaFactory_ReleasedSettings_AreThoseOfTheRelease()
    {
        var lines = TrainerConfigs.LlamaFactory(PreferenceOptions.Released, Plan).Split('\n');
        Assert.Superset(new HashSet<string>(["stage: \"dpo\"", "finetuning_type: \"full\"", "template: \"llama3\"", "cutoff_len: 2048", "pref_loss: \"sigmoid\"", "pref_beta: 0.1", "per_device_train_batch_size: 2",
            "learning_rate: 0.0000005", "lr_scheduler_type: \"linear\"", "warmup_ratio: 0.1", "num_train_epochs: 1", "bf16: true"]), lines.ToHashSet());
        Assert.Superset(new HashSet<string>(["stage: \"sft\"", "lr_scheduler_type: \"constant_with_warmup\"", "num_train_epochs: 5"]), TrainerConfigs.LlamaFactory(SftOptions.Released, Plan).Split('\n').ToHashSet());
    }

    [Fact]
    public void LlamaFactory_LossThatItWouldComputeOtherwise_IsRefusedByName()
    {
        var refused = Assert.Throws<NotSupportedException>(() => TrainerConfigs.LlamaFactory(PreferenceOptions.Released with { Loss = new PreferenceLoss.Hinge() }, Plan));
        Assert.Contains("Hinge", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trl_AdapterAndMovingReference_AreWritten()
    {
        var text = TrainerConfigs.Trl(PreferenceOptions.Released with { ReferenceSync = new(), Loss = new PreferenceLoss.Ipo(0.2) }, Plan with { Adapter = new() { Rank = 8, Alpha = 16, Decomposed = true } });
        Assert.Superset(new HashSet<string>(["loss_type: \"ipo\"", "beta: 0.2", "use_peft: true", "lora_r: 8", "use_dora: true", "sync_ref_model: true", "ref_model_sync_steps: 512"]), text.Split('\n').ToHashSet());
    }

    [Fact]
    public void Optimizer_EightBitMoments_AreHandedOverAndOthersRefused()
    {
        var text = TrainerConfigs.Trl(SftOptions.Released with { Optimizer = new AdamW8bitOptions { Beta2 = 0.95 } }, Plan);
        Assert.Superset(new HashSet<string>(["optim: \"adamw_bnb_8bit\"", "adam_beta2: 0.95"]), text.Split('\n').ToHashSet());
        Assert.DoesNotContain("optim:", TrainerConfigs.Trl(SftOptions.Released, Plan), StringComparison.Ordinal);
        foreach (var other in (OptimizerOptions[])[new AdamW8bitOptions { LeastElements = 0 }, new AdafactorOptions(), new InBackwardOptions(new AdamWOptions())])
            Assert.Contains(other.GetType().Name, Assert.Throws<NotSupportedException>(() => TrainerConfigs.Trl(SftOptions.Released with { Optimizer = other }, Plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainerState_Read_GivesTheLoggedSteps()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "trainer_state.json"), """
            {"global_step": 2, "log_history": [
              {"epoch": 0.5, "grad_norm": 1.5, "learning_rate": 0.0, "loss": 0.6931, "rewards/margins": 0.0, "rewards/accuracies": 0.0, "step": 1},
              {"epoch": 1.0, "grad_norm": 1.25, "learning_rate": 5e-7, "loss": 0.65, "rewards/margins": 0.1, "rewards/accuracies": 1.0, "step": 2},
              {"epoch": 1.0, "eval_loss": 0.6, "step": 2}, {"epoch": 1.0, "train_loss": 0.67, "train_runtime": 9.0, "step": 2}]}
            """);
        var points = TrainerState.Read(folder.Path);
        Assert.Equal([(1, 0.6931, 0.0), (2, 0.65, 0.1)], points.Select(p => (p.Step, p.Loss, p.Margin!.Value)));
        File.WriteAllText(Path.Combine(folder.Path, "trainer_state.json"), "{}");
        Assert.Throws<InvalidDataException>(() => TrainerState.Read(folder.Path));
    }
}
