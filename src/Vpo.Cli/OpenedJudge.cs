using Vpo.Models.Chat;
using Vpo.Models.Decoding;

namespace Vpo.Cli;

/// <summary>The judge that the user named.</summary>
internal static class OpenedJudge
{
    /// <summary>The judge that needs no model.</summary>
    public const string Atoms = "atoms";

    /// <summary>What --judge takes.</summary>
    public const string Says = "'atoms', the judge that needs no model, or a local chat model: a GGUF file, a Hugging Face folder, a repository that 'vpo pull' fetched.";

    /// <param name="name">What --judge says.</param>
    /// <param name="weights">What --weights says; null without it.</param>
    public static IJudge Open(string name, WeightChoice? weights) =>
        name == Atoms ? new AtomJudge() : new ChatJudge(LlamaChatClient.Open(OpenedModel.Locate(name), new() { Weights = weights?.ToWeightType() ?? WeightType.Auto }));
}
