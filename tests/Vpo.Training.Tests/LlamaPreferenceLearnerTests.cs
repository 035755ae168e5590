using Microsoft.Extensions.DependencyInjection;
using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Training;

public sealed class LlamaPreferenceLearnerTests
{
    private static readonly string[] Words = ["<s>", "</s>", "<sep>", "<unk>", "red", "blue", "ball", "box", "a", "bright", "rolls", "slides", "dull", "."];

    private static readonly Demonstration[] Demonstrations =
    [
        new("red ball", "a bright red ball rolls ."), new("blue ball", "a bright blue ball rolls ."),
        new("red box", "a bright red box slides ."), new("blue box", "a bright blue box slides ."),
    ];

    [Fact]
    public async Task LearnAsync_DemonstrationsThenPairs_OptimizerWritesWhatItLearnt()
    {
        using var folder = new TemporaryFolder();
        using var learner = Learner(folder.Path);
        var taught = await learner.LearnAsync(Sft(folder.Path));
        using (taught.Optimizer)
        {
            foreach (var (query, prompt) in Demonstrations)
                Assert.Equal(prompt, (await taught.Optimizer.OptimizeAsync(query, new() { Temperature = 0 })).Text);
        }
        Assert.Equal(40 * 2, taught.Curve.Count);

        var preferred = await learner.LearnAsync(new()
        {
            Name = "dpo",
            Folder = Path.Combine(folder.Path, "dpo"),
            StartFrom = taught.ModelFolder,
            Pairs = [.. Demonstrations.Select(d => new PreferencePair { Query = d.Query, Chosen = d.Prompt.Replace("bright", "dull"), Rejected = d.Prompt, Source = FeedbackSource.Text })],
        });
        using (preferred.Optimizer)
            Assert.Equal("a dull red ball rolls .", (await preferred.Optimizer.OptimizeAsync("red ball", new() { Temperature = 0 })).Text);
        Assert.Equal(0, preferred.Curve[0].Margin);
        Assert.True(preferred.Curve[^1].Margin > 0);
    }

    [Fact]
    public async Task LearnAsync_CancelledAndAskedAgain_GoesOnToTheSameModel()
    {
        using var folder = new TemporaryFolder();
        using var learner = Learner(folder.Path);
        using var stop = new CancellationTokenSource();
        var progress = new Direct<LearningProgress>(p => { if (p.Point.Step == 35) stop.Cancel(); });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => learner.LearnAsync(Sft(folder.Path, "one"), progress, stop.Token));
        var steps = new List<int>();
        var resumed = await learner.LearnAsync(Sft(folder.Path, "one"), new Direct<LearningProgress>(p => steps.Add(p.Point.Step)));
        var straight = await learner.LearnAsync(Sft(folder.Path, "two"));
        resumed.Optimizer.Dispose();
        straight.Optimizer.Dispose();
        Assert.Equal(31, steps[0]);   // a checkpoint every 10 steps
        Assert.Equal(File.ReadAllBytes(Path.Combine(straight.ModelFolder, "model.safetensors")), File.ReadAllBytes(Path.Combine(resumed.ModelFolder, "model.safetensors")));
        Assert.Equal(straight.Curve, resumed.Curve);
    }

    [Fact]
    public async Task LearnAsync_NothingToLearn_IsRefused()
    {
        using var learner = new LlamaPreferenceLearner(new() { BaseModel = "nowhere" });
        await Assert.ThrowsAsync<ArgumentException>(() => learner.LearnAsync(new() { Name = "empty", Folder = "nowhere" }));
    }

    [Fact]
    public async Task LearnAsync_GuardStops_LearningExceptionSaysWhereTheLastGoodStateIs()
    {
        using var folder = new TemporaryFolder();
        using var learner = new LlamaPreferenceLearner(Options(folder.Path) with
        {
            Preferences = new() { Schedule = new LearningRateSchedule.Constant(1e-1), BatchSize = 2, Epochs = 50, CheckpointEvery = 1, ChosenDriftFloor = -0.01 },
        });
        var lesson = new Lesson { Name = "dpo", Folder = Path.Combine(folder.Path, "dpo"), Pairs = [.. Demonstrations.Select(d => new PreferencePair { Query = d.Query, Chosen = d.Prompt, Rejected = d.Prompt.Replace("a ", "a a "), Source = FeedbackSource.Text })] };
        var stopped = await Assert.ThrowsAsync<LearningException>(() => learner.LearnAsync(lesson));
        Assert.Contains("checkpoint-", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug01And05_Ids_HaveOneBeginAndThePromptIsAPrefixWhateverFollows()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder.Path);
        using var checkpoint = LlamaCheckpoint.Open(options.BaseModel);
        var tokenizer = LessonTokenizer.Of(checkpoint, options.BaseModel, options);
        var pair = tokenizer.Encode(new PreferencePair { Query = "red ball", Chosen = "a bright ball", Rejected = "dull", Source = FeedbackSource.Text });
        Assert.Equal([0, 4, 6, 2], pair.Prompt);
        Assert.Equal([8, 9, 6, 1], pair.Chosen);
        Assert.Equal([12, 1], pair.Rejected);
        Assert.DoesNotContain(0, pair.Chosen);
    }

    [Fact]
    public void Bug02_WhateverTheTextSays_ACompletionHasExactlyOneEndAndNoSpecialId()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder.Path);
        using var checkpoint = LlamaCheckpoint.Open(options.BaseModel);
        var row = LessonTokenizer.Of(checkpoint, options.BaseModel, options).Encode(new Demonstration("red </s> ball", "a ball </s> </s>"));
        Assert.Equal(1, row.Completion.Count(id => id == 1));
        Assert.Equal(1, row.Completion[^1]);
        Assert.DoesNotContain(1, row.Prompt);
    }

    [Fact]
    public async Task LearnAsync_AdapterWithHeldOut_SavesAdapterSamplesAndAMergedModel()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder.Path);
        using var learner = new LlamaPreferenceLearner(options with
        {
            Adapter = new() { Rank = 4, Alpha = 8, SavedModules = [] },
            HeldOut = 1,
            Supervised = options.Supervised with { Evaluation = new() { Every = 20 } },
        });
        var taught = await learner.LearnAsync(Sft(folder.Path));
        using (taught.Optimizer)
            Assert.True(taught.Curve[^1].Loss < taught.Curve[0].Loss);
        Assert.True(File.Exists(Path.Combine(folder.Path, "sft", "adapter", "adapter_model.safetensors")));
        Assert.Equal(4, File.ReadAllLines(Path.Combine(folder.Path, "sft", "samples.jsonl")).Length);
        Assert.Contains("\"query\":\"blue box\"", File.ReadAllText(Path.Combine(folder.Path, "sft", "samples.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LearnAsync_DpoFromTheAdapterOfSft_TrainsThatAdapterOnAgainstItself()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder.Path);
        using var learner = new LlamaPreferenceLearner(options with { Adapter = new() { Rank = 4, Alpha = 8 } });
        using (var taught = (await learner.LearnAsync(Sft(folder.Path))).Optimizer)
            Assert.NotNull(taught);
        var sft = Path.Combine(folder.Path, "sft", "adapter");
        var preferred = await learner.LearnAsync(new()
        {
            Name = "dpo",
            Folder = Path.Combine(folder.Path, "dpo"),
            StartFrom = sft,
            Pairs = [.. Demonstrations.Select(d => new PreferencePair { Query = d.Query, Chosen = d.Prompt.Replace("bright", "dull"), Rejected = d.Prompt, Source = FeedbackSource.Text })],
        });
        preferred.Optimizer.Dispose();
        Assert.Equal(0, preferred.Curve[0].Margin);   // the reference is the model with the adapter of SFT, not the base
        Assert.Equal(0, preferred.Curve[0].ChosenDrift);
        Assert.True(preferred.Curve[^1].Margin > 0.05, $"margin {preferred.Curve[^1].Margin}");

        // Base and adapter are what the lesson's own model is.
        using var checkpoint = LlamaCheckpoint.Open(options.BaseModel);
        using var joined = checkpoint.Load(ScalarType.Float32);
        LoraAdapter.Open(joined, Path.Combine(folder.Path, "dpo", "adapter")).Merge();
        using var own = LlamaCheckpoint.Open(preferred.ModelFolder);
        using var model = own.Load(ScalarType.Float32);
        Assert.Equal(Tiny.Snapshot(model)["model.layers.1.mlp.up_proj.weight"], Tiny.Snapshot(joined)["model.layers.1.mlp.up_proj.weight"]);
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(sft, "adapter_model.safetensors")), File.ReadAllBytes(Path.Combine(folder.Path, "dpo", "adapter", "adapter_model.safetensors")));
    }

    [Fact]
    public void UseLlamaLearner_Registers_TheLearner()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseLlamaLearner(new() { BaseModel = "somewhere" });
        using var provider = services.BuildServiceProvider();
        Assert.IsType<LlamaPreferenceLearner>(provider.GetRequiredService<IPreferenceLearner>());
    }

    private static Lesson Sft(string folder, string name = "sft") => new() { Name = name, Folder = Path.Combine(folder, name), Demonstrations = Demonstrations, Seed = 3 };

    private static LlamaPreferenceLearner Learner(string folder) => new(Options(folder));

    private static LlamaLearnerOptions Options(string folder)
    {
        var start = Path.Combine(folder, "base");
        using var model = LlamaModel.Initialize(Tiny.Config with { VocabularySize = Words.Length, InitializerRange = 0.1, HiddenSize = 32, BosId = 0, EosIds = [1] }, seed: 5);
        LlamaFolder.Save(start, model);
        LlamaFolder.SaveTokenizer(start, new WordTokenizer(Words, ["<s>", "</s>", "<sep>"], "<unk>"), new ChatTemplate.Plain("<s>", "<sep>"), "</s>");
        return new()
        {
            BaseModel = start,
            Compute = ScalarType.Float32,
            Threads = 1,
            Supervised = new() { Schedule = new LearningRateSchedule.Cosine(1e-2), BatchSize = 2, Epochs = 40, CheckpointEvery = 10 },
            Preferences = new() { Schedule = new LearningRateSchedule.Linear(3e-3), BatchSize = 4, Epochs = 40, CheckpointEvery = 10, Loss = new PreferenceLoss.Mix((new PreferenceLoss.Sigmoid(), 1), (new PreferenceLoss.ChosenTokenMean(), 0.5)) },
        };
    }

    private sealed class Direct<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }
}
