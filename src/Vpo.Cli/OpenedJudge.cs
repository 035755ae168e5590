namespace Vpo.Cli;

/// <summary>The judge that the user named.</summary>
internal static class OpenedJudge
{
    /// <summary>The judge that needs no model.</summary>
    public const string Atoms = "atoms";

    /// <summary>What --judge takes.</summary>
    public const string Says = "'atoms', the judge that needs no model; a local chat model (a GGUF file, a Hugging Face folder, a repository that 'vpo pull' fetched).";

    /// <summary>What --judge takes where the command has --chat-model too.</summary>
    public const string SaysWithServers = "'atoms', the judge that needs no model; a local chat model (a GGUF file, a Hugging Face folder, a repository that 'vpo pull' fetched); or " + OpenedChat.Says + ".";

    /// <param name="name">What --judge says.</param>
    /// <param name="weights">What --weights says; null without it.</param>
    /// <param name="server">What --chat-model and --key-variable say.</param>
    public static IJudge Open(string name, WeightChoice? weights, (string? Model, string? KeyVariable) server = default) =>
        name == Atoms ? new AtomJudge() : new ChatJudge(OpenedChat.Open(name, server, weights));
}
