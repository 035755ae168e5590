using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vpo.Statistics;
using Vpo.Storage;

namespace Vpo.Training.Track;

/// <summary>README.md beside an adapter: what it is for, how it was made, from what, and how good it is.</summary>
internal static class TrackCard
{
    private const string Data = """
        ## Data and licences

        - Base model: SmolLM2-135M-Instruct by HuggingFaceTB, Apache-2.0.
        - Learnt rewrites: VBench's and VBench-2.0's prompts (Vchitect/VBench, Apache-2.0) with the rewrites by GPT-4o that are published beside them under Apache-2.0. **It is trained on VBench prompts, so no VBench figure
          is claimed for it.**
        - Pairs and held-out queries: the queries released with VPO (thu-coai/VPO, Apache-2.0), which come from VidProM (CC-BY-NC-4.0).
        """;

    /// <param name="folder">The adapter's.</param>
    /// <param name="options">What made it.</param>
    /// <param name="result">How good it is.</param>
    public static void Write(string folder, TrackOptions options, TrackResult result)
    {
        var text = new StringBuilder();
        text.AppendLine("# An optimizer for SmolLM2-135M-Instruct").AppendLine();
        text.AppendLine(Text($"A LoRA adapter (rank {options.Adapter.Rank}, peft's layout, float16) that makes the base model write prompts for text-to-video models from short wishes. `{InstructionTemplate.FileName}` is the message that it was trained with; it is read from here by itself."));
        text.AppendLine().AppendLine("```bash").AppendLine("vpo optimize --model SmolLM2-135M-Instruct.Q4_1.gguf --adapter models/smollm2-vpo-lora \"a cute dog on the grass\"").AppendLine("```").AppendLine();
        text.AppendLine("| file | SHA-256 |").AppendLine("|---|---|");
        foreach (var file in (string[])[BaseFile(options.Model), Path.Combine(folder, "adapter_model.safetensors")])
            text.AppendLine(Text($"| {Path.GetFileName(file)}{(file.StartsWith(folder, StringComparison.Ordinal) ? "" : " (the base)")} | {HashOf(file)} |"));
        text.AppendLine().AppendLine("## How it was made").AppendLine().AppendLine("```bash").AppendLine(Command(options)).AppendLine("```").AppendLine();
        text.AppendLine(Text($"SFT on {options.Demonstrations} rewrites ({result.Lessons[0].Steps} steps of {options.Supervised.BatchSize}), {options.SentenceShare:P0} of them for wishes made of their own sentences; {options.Samples} samples for each of {options.PairQueries} queries ({result.Samples}); {Math.Min(result.Pairs, options.MostPairs)} of {result.Pairs} pairs of the sample that keeps most of the query's atoms against the one that keeps fewest or is harmful, hardly longer and hardly more repetitive than that; DPO of the same adapter ({result.Lessons[1].Steps} steps of {options.Preferences.BatchSize})."));
        text.AppendLine(Text($"Chosen prompts have {result.PairWords[0]:0} words, rejected ones {result.PairWords[1]:0}. {result.Seconds.Values.Sum() / 60:0} minutes in the process that ended it."));
        text.AppendLine().AppendLine(Text($"## On {result.Rows[0].Good.Count} queries never trained on")).AppendLine();
        Table(text, result);
        text.AppendLine().AppendLine(Data);
        AtomicFile.WriteText(Path.Combine(folder, "README.md"), text.ToString().ReplaceLineEndings("\n"));
    }

    private static void Table(StringBuilder text, TrackResult result)
    {
        text.AppendLine("Temperature 0.7, top-p 0.9, one prompt a query; 95 % intervals. Good: keeps at least 80 % of the query's atoms, is not degenerate, ended by itself, has 40 to 170 words. Likelihood: how much likelier the query is under");
        text.AppendLine("the untouched base given its own prompt than given another query's, nats a token.").AppendLine();
        text.AppendLine("| | coverage | good | likelihood | repetition | refusals | unsafe words | ended | words |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var r in result.Rows)
            text.AppendLine(Text($"| {r.Method} | {Mean(r.Coverage)} | {Share(r.Good)} | {Mean(r.Likelihood)} | {Mean(r.Repetition)} | {Share(r.Refusals)} | {Share(r.Unsafe)} | {Share(r.Ended)} | {r.Words.Value:0} |"));
        foreach (var change in result.Changes)
            text.AppendLine(Text($"| {change.To} - {change.From} | {string.Join(" | ", new[] { "coverage", "good", "likelihood", "repetition", "refusals", "unsafe", "ended", "words" }.Select(name => Signed(change.Changes[name])))} |"));
        text.AppendLine().AppendLine(Text($"Coverage over those outputs that are prompts at all (40 to 170 words that do not hold the query word for word): {string.Join(", ", result.Rows.Select(OfPrompts))}."));
    }

    private static string OfPrompts(TrackRow row) => Text($"{row.Method} {(row.CoverageOfPrompts is { } e ? Text($"{Mean(e)} of {e.Count}") : "none")}");

    private static string Command(TrackOptions o) => Text($"vpo track --seed {o.Seed} --demonstrations {o.Demonstrations} --sentence-share {o.SentenceShare} --least-kept {o.LeastKept} --pair-queries {o.PairQueries} --pairs {o.MostPairs} --epochs {o.Preferences.Epochs} --rate {o.Preferences.Schedule.Peak} --held-out {o.HeldOut} --likelihoods {o.Likelihoods}");

    private static string BaseFile(string model) => File.Exists(model) ? model
        : Directory.GetFiles(model, "*.gguf") is [var only] ? only : Path.Combine(model, "model.safetensors");

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string Mean(Estimate e) => Text($"{e.Value:0.00} ({e.Low:0.00} to {e.High:0.00})");

    private static string Share(Estimate e) => Text($"{100 * e.Value:0.0} % ({100 * e.Low:0} to {100 * e.High:0})");

    private static string Signed(Estimate e) => Text($"{Signed(e.Value)} ({Signed(e.Low)} to {Signed(e.High)})");

    /// <summary>Rounded first: of a small negative number the format alone makes "-+0.000".</summary>
    private static string Signed(double value) => Text($"{Math.Round(value, 3):+0.000;-0.000;0.000}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
