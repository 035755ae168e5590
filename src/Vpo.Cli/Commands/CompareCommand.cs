using System.CommandLine;
using System.Net;
using Vpo.Compare;
using Vpo.Comparisons;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo compare</c>: people say which of two clips is better, on a page that this program serves.</summary>
internal static class CompareCommand
{
    private const string VotesFolder = "comparisons";

    public static Command Create()
    {
        var sources = new Argument<string[]>("sources") { Description = "A run folder; two run folders; two folders with clips named alike; or a JSON Lines file of { query, first, second, first_method, second_method }.", Arity = new(1, 2) };
        var first = new Option<string?>("--first") { Description = "Of a run: the method whose wins are counted. Default: its best." };
        var seconds = new Option<string[]>("--second") { Description = "Of a run: the methods that it is compared with. Default: original.", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--out") { Description = "Folder of the votes. Default: 'comparisons' in the run folder, else here." };
        var port = new Option<int>("--port") { Description = "0 takes a free one.", DefaultValueFactory = _ => 5170 };
        var listen = new Option<string>("--listen") { Description = "The address to listen on; any other than this machine's own asks visitors for a token.", DefaultValueFactory = _ => IPAddress.Loopback.ToString() };
        var token = new Option<bool>("--token") { Description = "Ask for a token on this machine too." };
        var question = new Option<string?>("--question") { Description = "What people are asked." };
        var results = new Option<bool>("--results") { Description = "Only print what the votes say." };
        var command = new Command("compare", "Serves a page on which people compare clips side by side, blinded and by the keyboard; prints wins, ties, losses, intervals and agreement.")
            { sources, first, seconds, output, port, listen, token, question, results };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var named = parsed.GetValue(sources)!;
            var folder = parsed.GetValue(output) ?? (Directory.Exists(named[0]) && File.Exists(Path.Combine(named[0], "results.json")) ? Path.Combine(named[0], VotesFolder) : VotesFolder);
            if (!parsed.GetValue(results))
            {
                if (!IPAddress.TryParse(parsed.GetValue(listen), out var address))
                    throw new ArgumentException($"--listen: expected an address such as 127.0.0.1 or 0.0.0.0, found '{parsed.GetValue(listen)}'.");
                var plan = ComparisonPlan.Open(named, parsed.GetValue(first), parsed.GetValue(seconds));
                var options = new CompareOptions { Folder = folder, Address = address, Port = parsed.GetValue(port), RequireToken = parsed.GetValue(token) };
                await ServeAsync(plan, parsed.GetValue(question) is { } asked ? options with { Question = asked } : options, cancellationToken);
            }
            Show(Path.Combine(folder, VoteFile.Name));
            return 0;
        });
        return command;
    }

    private static async Task ServeAsync(ComparisonPlan plan, CompareOptions options, CancellationToken cancellationToken)
    {
        await using var server = await CompareServer.StartAsync(plan, options, cancellationToken: cancellationToken);
        Console.Error.WriteLine($"{plan.Pairs.Count} pairs; votes go to {Path.Combine(options.Folder, VoteFile.Name)}");
        Console.Error.WriteLine("Open the address below; everybody who compares gives a name. Ctrl-C ends, and the same command goes on.");
        Console.WriteLine(server.Address);
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(stopped.SetResult);
        await stopped.Task;
    }

    private static void Show(string path)
    {
        var votes = VoteFile.Read(path);
        if (votes.Count == 0)
        {
            Console.WriteLine("no votes yet");
            return;
        }
        var result = ComparisonResult.Of(votes);
        TextTable.Write(ComparisonTable.Headers, result.Matches.Select(ComparisonTable.Cells));
        if (result.Agreement.Count > 0)
            TextTable.Write(ComparisonTable.AgreementHeaders, result.Agreement.Select(ComparisonTable.AgreementCells));
        Console.WriteLine(ComparisonTable.Remarks(result));
    }
}
