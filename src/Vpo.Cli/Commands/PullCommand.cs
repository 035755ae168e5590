using System.CommandLine;
using Vpo.Models.Hub;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo pull</c>: a model from the Hugging Face hub into the cache.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        var repository = new Argument<string>("repository") { Description = "owner/name, for instance HuggingFaceTB/SmolLM2-135M-Instruct." };
        var revision = new Option<string>("--revision") { Description = "A branch, a tag or a commit.", DefaultValueFactory = _ => "main" };
        var include = new Option<string[]>("--include") { Description = "Only files that fit, with * and ?, for instance \"*Q4_1.gguf\". Default: safetensors, configs, tokenizers.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("pull", "Fetches a model from the Hugging Face hub (HF_HOME, HF_ENDPOINT and HF_TOKEN are honoured) and prints its folder.") { repository, revision, include };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(repository)!, parsed.GetValue(revision)!, parsed.GetValue(include) ?? [], cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string repository, string revision, string[] include, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var progress = new ConsoleProgress();
        var folder = await new HubClient(http).PullAsync(repository, revision, include, progress, cancellation);
        progress.EndLine();
        Console.WriteLine(folder);
        return 0;
    }
}
