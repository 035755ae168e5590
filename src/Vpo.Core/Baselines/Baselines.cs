namespace Vpo;

/// <summary>Methods to compare with, by the names of their rows. They follow an idea, not the numbers of its paper: see each one's remarks.</summary>
public static class Baselines
{
    /// <summary>Name of the row of <see cref="Original"/>.</summary>
    public const string OriginalName = "original";

    /// <summary>Name of the row of <see cref="PromptistStyle"/>.</summary>
    public const string PromptistStyleName = "promptist-style";

    /// <summary>Name of the row of <see cref="PromptAVideoStyle"/>.</summary>
    public const string PromptAVideoStyleName = "prompt-a-video-style";

    /// <summary>Name of the row of <see cref="AutoPromptStyle"/>.</summary>
    public const string AutoPromptStyleName = "autoprompt-style";

    /// <summary>The user's query as it is.</summary>
    public static IPromptOptimizer Original() => new Stages.RawQuery();

    /// <summary>The query with tags behind it, as prompts of picture models have them.</summary>
    /// <remarks>Promptist (Hao et al. 2022) trains GPT-2 by SFT and PPO to choose them; here they are drawn from a list.</remarks>
    /// <param name="tags">The tags; null takes a few of the usual ones.</param>
    /// <param name="count">How many a prompt gets.</param>
    public static IPromptOptimizer PromptistStyle(IReadOnlyList<string>? tags = null, int count = 4) => new TagPromptOptimizer(tags ?? TagPromptOptimizer.Usual, count);

    /// <summary>Prompts that are rewritten and rendered in rounds; the best above all floors is given.</summary>
    /// <remarks>Prompt-A-Video (Ji et al., ICCV 2025) evolves prompts so for data, then trains an LLM on them by SFT and DPO; here the evolution itself answers each query, so it is far dearer at test time.</remarks>
    /// <param name="writer">Writes and rewrites; not disposed by the caller: the result owns it.</param>
    /// <param name="generator">Renders; not disposed.</param>
    /// <param name="reward">Scores; not disposed.</param>
    /// <param name="options">How; defaults if null.</param>
    public static IPromptOptimizer PromptAVideoStyle(IPromptOptimizer writer, IVideoGenerator generator, IVideoReward reward, EvolutionOptions? options = null) =>
        new EvolvingPromptOptimizer(writer, generator, reward, options);

    /// <summary>A model that stays as it is and reads the same trigger words behind every query. Vpo.Training's TriggerWords finds them.</summary>
    /// <remarks>
    /// AutoPrompt (Shin et al., EMNLP 2020) finds triggers for masked language models, by gradients, so that the right label word fills the mask; no weight is trained, neither before nor after. Here a causal
    /// model writes a whole prompt, triggers are to make good prompts likely, they are words rather than any tokens, since a query is text, and the model was fine-tuned to write prompts: without that it writes none.
    /// </remarks>
    /// <param name="model">Writes; not disposed by the caller: the result owns it.</param>
    /// <param name="triggers">The words, apart by blanks.</param>
    public static IPromptOptimizer AutoPromptStyle(IPromptOptimizer model, string triggers) => new TriggerPromptOptimizer(model, triggers);
}
