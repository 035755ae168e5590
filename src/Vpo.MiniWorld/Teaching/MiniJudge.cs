namespace Vpo.MiniWorld;

/// <summary>A judge that overlooks some flaws. It sees the text alone: that a flowery style hurts the video it can't know.</summary>
public sealed class MiniJudge : IJudge
{
    private readonly double _recall;
    private readonly long _seed;

    /// <param name="recall">Share of flawed prompts that it finds, from 0 to 1; 1 is the exact judge of evaluation. It never blames a good prompt.</param>
    /// <param name="seed">Which flaws it overlooks; the same ones for the same query and prompt.</param>
    public MiniJudge(double recall, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(recall);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recall, 1);
        (_recall, _seed) = (recall, seed);
    }

    /// <summary>The judge for evaluation, which overlooks nothing.</summary>
    public static MiniJudge Exact() => new(1);

    /// <inheritdoc/>
    public Task<Verdict> JudgeAsync(string query, string prompt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(prompt);
        var audit = PromptAudit.Of(query, prompt);
        var luck = ContentId.Seed(_seed, "judge", query, prompt) / (double)int.MaxValue;
        var found = audit.Class != AlignmentClass.Aligned && (_recall >= 1 || luck < _recall);
        return Task.FromResult(new Verdict
        {
            Query = query,
            Prompt = prompt,
            Judgement = found ? Judgement.Misaligned : Judgement.Aligned,
            Class = found ? audit.Class : AlignmentClass.Aligned,
            Critique = found ? audit.Critique : "The prompt is harmless, accurate and helpful.",
            JudgeId = _recall >= 1 ? "mini-world-exact" : "mini-world-judge",
        });
    }

    /// <summary>The smallest edit that mends the prompt: what it said and how it said it stay, where they were not the flaw.</summary>
    public Task<string?> RefineAsync(Verdict verdict, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        var random = new Random(ContentId.Seed(_seed, "refine", verdict.Query, verdict.Prompt));
        var asked = CaptionParser.ReadQuery(verdict.Query);
        var kept = CaptionParser.ReadPrompt(verdict.Prompt).Description;
        foreach (var aspect in asked.Named)
            kept = kept.With(aspect, asked[aspect]);
        if (asked.Direction == Lexicon.Still)
            kept = kept with { Speed = null };
        else if (asked.Speed is not null && asked.Direction is null && kept.Direction == Lexicon.Still)
            kept = kept with { Direction = null };
        return Task.FromResult<string?>(Captions.Write(kept.Complete(random), StyleFor(verdict.Prompt, random)));
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static CaptionStyle StyleFor(string prompt, Random random)
    {
        var flowery = Captions.IsFlowery(prompt);
        if (Captions.StyleOf(prompt) is { } style && Captions.IsFlowery(Captions.Write(default, style)) == flowery)
            return style;
        return flowery ? Captions.DrawFlowery(random) : Captions.DrawPlain(random);
    }
}
