using System.CommandLine;
using Vpo.Queries;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo optimize</c>: one query as an argument, or a file of them.</summary>
internal static class OptimizeCommand
{
    public static Command Create()
    {
        var query = new Argument<string?>("query") { Description = "The wish for a video.", Arity = ArgumentArity.ZeroOrOne };
        var model = new Option<string>("--model") { Description = "A GGUF file, a Hugging Face folder, the folder of a quickstart run, or the name of a repository that was pulled.", Required = true };
        var input = new Option<string?>("--input") { Description = "Instead of one query: " + OpenedQueries.Says + "." };
        var take = new Option<int?>("--take") { Description = "Only the first so many queries of the input." };
        var output = new Option<string?>("--out") { Description = "Where the results of --input go, as JSON Lines. What is there already is not done again. Default: standard output." };
        var count = new Option<int>("--count") { Description = "Prompts for each query.", DefaultValueFactory = _ => 1 };
        var seed = new Option<long>("--seed") { Description = "Same seed, same prompts.", DefaultValueFactory = _ => 0 };
        var temperature = new Option<double?>("--temperature") { Description = "0 is greedy. Default: the model's, or 0.7." };
        var maxTokens = new Option<int?>("--max-new-tokens") { Description = "Most new tokens. Default 256." };
        var type = new Option<ModelType>("--type") { Description = "Type of weights and arithmetic; Auto takes the faster one for packed GGUF files, else what is on disk.", DefaultValueFactory = _ => ModelType.Auto };
        var weights = WeightsOption.Create();
        var adapter = new Option<string?>("--adapter") { Description = "The folder of a LoRA adapter (peft) for the model." };
        var quiet = new Option<bool>("--no-stream") { Description = "Do not show the text of a single query while it is being written." };
        var command = new Command("optimize", "Optimizes one query, or a file of queries.") { query, model, input, take, output, count, seed, temperature, maxTokens, type, weights, adapter, quiet };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new PromptOptions
            {
                Count = parsed.GetValue(count),
                Seed = parsed.GetValue(seed),
                Temperature = parsed.GetValue(temperature),
                MaxNewTokens = parsed.GetValue(maxTokens),
            };
            var (text, file) = (parsed.GetValue(query), parsed.GetValue(input));
            if (text is null == file is null)
                throw new ArgumentException("give either a query or --input, not both and not neither.");
            using var opened = OpenedModel.Open(parsed.GetValue(model)!, parsed.GetValue(type), parsed.GetValue(weights), parsed.GetValue(adapter));
            if (text is not null)
                return await OptimizeOne.RunAsync(opened, text, options, stream: !parsed.GetValue(quiet), cancellationToken);
            var queries = (await OpenedQueries.ReadAsync(file!, cancellationToken)).Take(parsed.GetValue(take) ?? int.MaxValue).ToList();
            return await OptimizeMany.RunAsync(opened, queries, options, parsed.GetValue(output), cancellationToken);
        });
        return command;
    }
}
