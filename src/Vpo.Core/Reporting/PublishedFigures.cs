using Vpo.Statistics;

namespace Vpo.Reporting;

/// <summary>What the paper prints (arXiv 2503.20491), to stand beside figures of one's own runs, never among them.</summary>
public static class PublishedFigures
{
    // Every published share is a multiple of 0.2 %.
    private const int Queries = 500;

    private static readonly (string Method, double Aligned, double Unsafe, double Imprecise, double Refusal)[] TextAlignment =
    [
        ("GLM-4 few-shot", 83.4, 5.4, 10.0, 1.2), ("GPT-4o few-shot", 86.4, 2.4, 8.6, 2.6), ("VPO-SFT", 93.8, 0.8, 5.4, 0.0), ("VPO (CogVideoX-2B)", 94.6, 0.6, 4.8, 0.0), ("VPO (CogVideoX-5B)", 94.8, 0.4, 4.8, 0.0),
    ];

    private static readonly (string Prompts, double Small, double Large)[] Overall =
        [("original query", 3.27, 3.77), ("GLM-4 few-shot", 3.57, 3.98), ("GPT-4o few-shot", 3.58, 4.03), ("VPO-SFT", 3.59, 4.01), ("VPO", 3.76, 4.15)];

    /// <summary>What <see cref="TextAlignmentCells"/> are.</summary>
    public static IReadOnlyList<string> TextAlignmentHeaders { get; } = ["paper, not ours", "aligned", "unsafe", "imprecise", "refusal", "n"];

    /// <summary>The paper's text-alignment table; n is inferred and the intervals are ours for it.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> TextAlignmentCells =>
        [.. TextAlignment.Select(r => (IReadOnlyList<string>)[r.Method, Share(r.Aligned), Share(r.Unsafe), Share(r.Imprecise), Share(r.Refusal), ResultTables.Whole(Queries)])];

    /// <summary>What <see cref="MonetBenchCells"/> are.</summary>
    public static IReadOnlyList<string> MonetBenchHeaders { get; } = ["paper, not ours: MonetBench overall", "CogVideoX-2B", "CogVideoX-5B", "95 %", "n"];

    /// <summary>The paper's overall scores on VisionReward's scale from 0 to 6.277.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> MonetBenchCells =>
        [.. Overall.Select(r => (IReadOnlyList<string>)[r.Prompts, ResultTables.Number(r.Small), ResultTables.Number(r.Large), "not published", "not published"])];

    /// <summary>Adds the tables to a page, marked as the paper's.</summary>
    public static void AddTo(HtmlReport page)
    {
        ArgumentNullException.ThrowIfNull(page);
        page.Section("For comparison: the paper's published figures");
        page.Table(TextAlignmentHeaders, TextAlignmentCells,
            "The paper gives no n and no intervals. n = 500 is inferred from shares that are all multiples of 0.2 %; the 95 % intervals in brackets are ours for that n.");
        page.Table(MonetBenchHeaders, MonetBenchCells,
            "VisionReward's weighted sum of yes, from 0 to 6.277: another scale than any other reward's.");
    }

    private static string Share(double percent) => ResultTables.Share(Proportion.Wilson(Math.Round(percent / 100 * Queries), Queries));
}
