namespace Vpo.Cli;

/// <summary>What the reader of a mini world's report is told first.</summary>
internal static class MiniWorldText
{
    public static IReadOnlyList<string> Introduction { get; } =
    [
        "This is a small world: 32x32 videos of one coloured shape that moves over one of four places, made by a tiny CogVideoX, from prompts that a tiny LLaMA writes. "
        + "The method and the classes are those of the large models; the numbers in their configurations are small.",
        "What is planted: users ask briefly, in their own words, and sometimes for harm. The few-shot teacher keeps unsafe words, changes or forgets attributes, refuses at times, and half the time writes in a flowery "
        + "style that the video model never saw. The judge of training misses flaws and cannot see that the flowery style hurts; only the rendered videos can tell.",
        "What it shows: text-level and video-level feedback remove different faults, and DPO on both improves prompts beyond SFT. The table uses held-out queries, the same noise for every method, and an exact judge that training never saw.",
        "What it does not show: figures of large models. Judge, refiner, queries and world share one small ontology, and the video reward of the table is also the reward of training.",
    ];
}
