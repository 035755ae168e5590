using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vpo.Atoms;

namespace Vpo.Cli.Tests;

/// <summary>The queries released with VPO through the program, with a real model.</summary>
public sealed partial class RealQueriesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-real-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact, Trait("Category", "Weights")]
    public Task Optimize_200RealQueries_GivesAPromptForEach() => OptimizeAsync(200, newTokens: 12);

    [Fact(Explicit = true), Trait("Category", "Long"), Trait("Category", "Weights")]
    public Task Optimize_AllRealQueries_GivesAPromptForEach() => OptimizeAsync(9_956, newTokens: 48);

    /// <summary>Does a third of them, and then goes on with the rest.</summary>
    private async Task OptimizeAsync(int count, int newTokens)
    {
        var output = Path.Combine(_folder, "prompts.jsonl");
        foreach (var take in new[] { count / 3, count })
        {
            var run = await ProgramRun.StartAsync("dotnet",
            [
                Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", BuildKind.Configuration, "net10.0", "vpo.dll"), "optimize", "--model", Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf"),
                "--input", Repository.Data("vpo/dpo_prompts.json"), "--take", Number(take), "--max-new-tokens", Number(newTokens), "--weights", "int8", "--out", output,
            ]);
            run.MustSucceed();
            Assert.Matches(Summary(), run.Error);
            Assert.Contains($"{take} queries", run.Error, StringComparison.Ordinal);
        }
        var lines = (await File.ReadAllLinesAsync(output)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(count, lines.Select(line => line.GetProperty("id").GetString()).Distinct().Count());
        Assert.Equal(count, lines.Count);
        foreach (var line in lines)
        {
            var prompt = line.GetProperty("prompt").GetString()!;
            Assert.False(string.IsNullOrWhiteSpace(prompt));
            Assert.DoesNotContain("<|im_", prompt, StringComparison.Ordinal);
            if (line.TryGetProperty("fallback_reason", out _))
                Assert.InRange(UnsafeWords.Level(prompt), 1, 2);
        }
    }

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\d+ queries, \d+ kept as they were, \d+ new tokens, \d+ tokens/s")]
    private static partial Regex Summary();
}
