using Vpo.Training;
using static TorchSharp.torch;

namespace Vpo.Benchmarks.Training;

/// <summary>Tables of training steps of SmolLM2-135M's shape. Times are of one process, in turns; memory is of child processes. On a busy machine the processor's time says more than the clock.</summary>
internal static class TrainingTables
{
    // What PyTorch reaches on two cores with the usual stack, of its own matmul peak: a slower usual stack would be a straw man.
    private const double PythonShare = 0.70, PythonShareNarrow = 0.42;

    private static readonly ScoringOptions Automatic = new();

    /// <summary>Times and memory of VPO's shape.</summary>
    public static void Dpo()
    {
        DpoFloat32();
        DpoBFloat16();
        DpoMemory();
    }

    /// <summary>The usual stack in float32 against ours in both types.</summary>
    public static void DpoFloat32()
    {
        Title("DPO, 4 pairs, prompts of 200 tokens (158 common to all), responses of 130", "pairs/s");
        var t = Show("vpo", Contest.InTurns(2, Contest.Usual("vpo", float32), Ours("vpo", float32), Ours("vpo", bfloat16)));
        Against("float32 against float32", t[0], t[1], PythonShare);
        Against("our bfloat16 against float32", t[0], t[2], PythonShare);
    }

    /// <summary>Both in bfloat16, and ours with recomputation.</summary>
    public static void DpoBFloat16()
    {
        Title("the same in bfloat16", "pairs/s");
        var t = Show("vpo", Contest.InTurns(2, Contest.Usual("vpo", bfloat16), Ours("vpo", bfloat16), Contest.Ours("vpo", "ours, recomputed", bfloat16, new() { Recompute = true })));
        Against("bfloat16 against bfloat16", t[0], t[1], PythonShareNarrow);
    }

    /// <summary>Most memory of a process that takes two steps.</summary>
    public static void DpoMemory()
    {
        Console.WriteLine("peak memory of a process, GB");
        foreach (var workload in (string[])["usual float32 vpo", "usual bfloat16 vpo", "ours float32 vpo Automatic", "ours bfloat16 vpo Automatic", "ours float32 vpo Automatic recompute", "ours bfloat16 vpo Automatic recompute"])
            Console.WriteLine($"  {workload,-42}{ChildMemory.Of(2, workload.Split(' ')).Peak / 1e9,6:N2}");
    }

    /// <summary>Only ours: for work on the kernels.</summary>
    public static void DpoOurs()
    {
        Title("DPO, VPO's shape, ours", "pairs/s");
        foreach (var type in (ScalarType[])[bfloat16, float32])
            Show("vpo", Contest.InTurns(2, Ours("vpo", type)));
    }

    /// <summary>What recomputation saves and costs.</summary>
    public static void Recompute()
    {
        Title("DPO, VPO's shape, each layer computed again for its gradient", "pairs/s");
        foreach (var type in (ScalarType[])[float32, bfloat16])
        {
            var t = Show("vpo", Contest.InTurns(2, Ours("vpo", type), Contest.Ours("vpo", $"ours, {Workloads.NameOf(type)}, recomputed", type, new() { Recompute = true })));
            double Memory(params string[] more) => ChildMemory.Of(2, ["ours", Workloads.NameOf(type), "vpo", "Automatic", .. more]).Peak / 1e9;
            Console.WriteLine($"  {t[1].Seconds / t[0].Seconds:N2} | {t[1].Busy / t[0].Busy:N2} of the time, {Memory("recompute"):N2} GB against {Memory():N2} GB");
        }
    }

    /// <summary>What each way of sharing gives.</summary>
    public static void Layouts() => Layouts("vpo", "VPO's shape", RowLayout.Padded, RowLayout.Packed, RowLayout.SharedPrompt, RowLayout.SharedPrefix);

    /// <summary>Examples of other lengths that share nothing: packing alone.</summary>
    public static void MixedLengths() => Layouts("mixed", "mixed lengths, nothing in common", RowLayout.Padded, RowLayout.Packed);

    /// <summary>Long prompts.</summary>
    public static void LongPrompts() => Layouts("long", "prompts of 1,024 tokens, responses of 256", RowLayout.Padded, RowLayout.SharedPrompt);

    private static void Layouts(string shape, string title, params RowLayout[] layouts)
    {
        Title($"layouts, bfloat16: {title}", "pairs/s");
        Ratios(Show(shape, Contest.InTurns(2, [.. layouts.Select(layout => Contest.Ours(shape, layout.ToString(), bfloat16, new() { Layout = layout }))])));
    }

    /// <summary>The same under a LoRA adapter.</summary>
    public static void Adapters()
    {
        Title("DPO, VPO's shape, LoRA of rank 8 on all layers", "pairs/s");
        foreach (var type in (ScalarType[])[float32, bfloat16])
            Ratios(Show("vpo", Contest.InTurns(2, Contest.Ours("vpo", $"padded, {Workloads.NameOf(type)}", type, new() { Layout = RowLayout.Padded }, adapter: true), Contest.Ours("vpo", "shared prefix", type, Automatic, adapter: true)), adapter: true));
    }

    /// <summary>Supervised fine-tuning on eight examples.</summary>
    public static void Sft()
    {
        Title($"SFT, 8 examples, {TrainingShapes.Sft().Sum(r => r.Prompt.Length + r.Completion.Length)} tokens", "rows/s");
        foreach (var type in (ScalarType[])[float32, bfloat16])
            Ratios(Show("sft", Contest.InTurns(2, Contest.Usual("sft", type), Ours("sft", type))));
    }

    /// <summary>Only ours, one type after the other: where memory or time are short.</summary>
    public static void SftOurs()
    {
        Title($"SFT, 8 examples, {TrainingShapes.Sft().Sum(r => r.Prompt.Length + r.Completion.Length)} tokens", "rows/s");
        foreach (var type in (ScalarType[])[bfloat16, float32])
            Show("sft", Contest.InTurns(2, Ours("sft", type)));
    }

    /// <summary>The head alone.</summary>
    public static void Head()
    {
        foreach (var type in (ScalarType[])[float32, bfloat16])
        {
            var name = Workloads.NameOf(type);
            int?[] chunks = [null, 64];
            string Words(int? chunk) => $"our-head {name} {chunk}".Trim();
            var t = Contest.InTurns(2, [new("plain", type, HeadSpeed.Operations, () => HeadSpeed.Plain(type)), .. chunks.Select(c => new Contestant($"ours, chunk {c?.ToString() ?? "as chosen"}", type, HeadSpeed.Operations, () => HeadSpeed.Ours(type, c)))]);
            var plain = ChildMemory.Of(2, "plain-head", name).Rise;
            Console.WriteLine($"the head alone, 2,048 tokens, {name}: plain {t[0].Seconds:N2} | {t[0].Busy:N2} s, {plain / 1e6:N0} MB beyond the weight's gradient");
            foreach (var (timing, chunk) in t.Skip(1).Zip(chunks))
            {
                var rise = ChildMemory.Of(2, Words(chunk).Split(' ')).Rise;
                Console.WriteLine($"  {timing.Name,-24}{timing.Seconds / t[0].Seconds,6:N2} | {timing.Busy / t[0].Busy:N2} of the time{rise / 1e6,8:N0} MB{rise / plain,8:P0} of the memory");
            }
        }
    }

    private static Contestant Ours(string shape, ScalarType type) => Contest.Ours(shape, $"ours, {Workloads.NameOf(type)}", type, Automatic);

    private static void Title(string title, string items)
    {
        Console.WriteLine($"{title}. By the clock | by the processor's time: seconds a step, matmul peak in GFLOP/s (of one core), share of it that is needed, that is computed");
        Console.WriteLine($"{"",-30}{"s",7}{"median",8}{items,9}{"peak",6}{"needed",8}{"done",6} |{"s",7}{"peak",6}{"needed",8}{"done",6}");
    }

    private static Timing[] Show(string shape, Timing[] timings, bool adapter = false)
    {
        var (needed, items) = (TrainingShapes.NeededOperations(shape, adapter), TrainingShapes.ItemsOf(shape));
        foreach (var t in timings)
            Console.WriteLine($"{t.Name,-30}{t.Seconds,7:N2}{t.Median,8:N2}{items / t.Seconds,9:N2}{t.Peak.Clock / 1e9,6:N0}{needed / t.Seconds / t.Peak.Clock,8:P0}{t.Operations / t.Seconds / t.Peak.Clock,6:P0} |{t.Busy,7:N2}{t.Peak.Busy / 1e9,6:N0}{needed / t.Busy / t.Peak.Busy,8:P0}{t.Operations / t.Busy / t.Peak.Busy,6:P0}");
        return timings;
    }

    private static void Ratios(Timing[] t) => Console.WriteLine("  " + string.Join(", ", t.Skip(1).Select(other => $"{other.Name}: {t[0].Seconds / other.Seconds:N2}x | {t[0].Busy / other.Busy:N2}x {t[0].Name}")));

    /// <param name="what">Is compared.</param>
    /// <param name="usual">The usual stack as it is here.</param>
    /// <param name="ours">Ours.</param>
    /// <param name="share">The share of the peak at which Python's usual stack runs.</param>
    private static void Against(string what, Timing usual, Timing ours, double share)
    {
        string Faster(double seconds, double peak, double own) => $"{seconds / own:N2}x, {Math.Min(seconds, usual.Operations / (share * peak)) / own:N2}x if the usual stack reached {share:P0} of its peak, as PyTorch's does";
        Console.WriteLine($"  {what}: {Faster(usual.Seconds, usual.Peak.Clock, ours.Seconds)} | {Faster(usual.Busy, usual.Peak.Busy, ours.Busy)}");
    }
}
