using Vpo.Training;

namespace Vpo.Benchmarks.Training;

/// <summary><c>quick dpo</c> and its parts: one optimizer step of SmolLM2-135M's shape, ours and the usual stack, each in a process of its own.</summary>
internal static class TrainingTables
{
    /// <summary>VPO's shape in both types, with and without recomputation.</summary>
    public static void Dpo()
    {
        Title("DPO, VPO's shape: 4 pairs, prompts of 200 tokens (158 common to all), responses of 130");
        var needed = NeededOf(TrainingShapes.Vpo());
        var usual = Row("usual stack, float32", TrainingMeasurement.Of("usual", "float32", "vpo", steps: 2), 4, needed);
        var usualNarrow = Row("usual stack, bfloat16", TrainingMeasurement.Of("usual", "bfloat16", "vpo", steps: 3), 4, needed);
        var ours = Row("ours, float32", TrainingMeasurement.Of("ours", "float32", "vpo"), 4, needed);
        var narrow = Row("ours, bfloat16", TrainingMeasurement.Of("ours", "bfloat16", "vpo", steps: 5), 4, needed);
        Row("ours, bfloat16, recomputed", TrainingMeasurement.Of("ours", "bfloat16", "vpo", recompute: true, steps: 4), 4, needed);
        Console.WriteLine($"pairs a second: bfloat16 against bfloat16 {usualNarrow / narrow:N2}x, float32 against float32 {usual / ours:N2}x, our bfloat16 against float32 {usual / narrow:N2}x");
    }

    /// <summary>Only ours in bfloat16: for work on the kernels.</summary>
    public static void DpoOurs()
    {
        Title("DPO, VPO's shape, ours");
        Row("ours, bfloat16", TrainingMeasurement.Of("ours", "bfloat16", "vpo", steps: 5), 4, NeededOf(TrainingShapes.Vpo()));
    }

    /// <summary>What each way of sharing gives.</summary>
    public static void Layouts()
    {
        foreach (var (shape, title) in new[] { ("vpo", "VPO's shape"), ("mixed", "mixed lengths, nothing in common"), ("long", "prompts of 1,024 tokens, responses of 256") })
        {
            Title($"layouts, bfloat16: {title}");
            var pairs = TrainingMeasurement.PairsOf(shape);
            foreach (var layout in new[] { RowLayout.Padded, RowLayout.Packed, RowLayout.SharedPrompt, RowLayout.SharedPrefix })
                Row(layout.ToString(), TrainingMeasurement.Of("ours", "bfloat16", shape, layout), pairs.Count, NeededOf(pairs));
        }
    }

    /// <summary>Supervised fine-tuning on eight examples.</summary>
    public static void Sft()
    {
        Title("SFT, 8 examples, about 1,280 tokens");
        var needed = TrainingShapes.NeededOperations(LlamaDecoding.SmolLm2, TrainingShapes.Sft());
        foreach (var type in new[] { "float32", "bfloat16" })
        {
            Row($"usual stack, {type}", TrainingMeasurement.Of("usual", type, "sft"), 8, needed);
            Row($"ours, {type}", TrainingMeasurement.Of("ours", type, "sft", steps: 4), 8, needed);
        }
    }

    private static double NeededOf(List<PreferenceExample> pairs) =>
        TrainingShapes.NeededOperations(LlamaDecoding.SmolLm2, [.. pairs.Select(p => p.ChosenRow), .. pairs.Select(p => p.RejectedRow)]);

    private static void Title(string title)
    {
        Console.WriteLine(title);
        Console.WriteLine($"{"",-30}{"s/step",9}{"items/s",9}{"peak GFLOP/s",14}{"share of it",13}{"memory GB",11}");
    }

    private static double Row(string name, TrainingMeasurement m, int items, double needed)
    {
        Console.WriteLine($"{name,-30}{m.Seconds,9:N2}{items / m.Seconds,9:N2}{m.Peak / 1e9,14:N0}{needed / m.Seconds / m.Peak,13:P0}{m.PeakBytes / 1e9,11:N2}");
        return m.Seconds;
    }
}
