using System.Globalization;
using System.Security.Cryptography;

namespace Vpo.Training.Track;

/// <summary>The adapter in models/smollm2-vpo-lora.</summary>
public sealed class ShippedAdapterTests
{
    private const long MostBytes = 10_000_000;
    private const int Queries = 10;
    private const double LeastGain = 0.3;

    private static readonly string Folder = Path.Combine(Repository.Root, "models", "smollm2-vpo-lora");

    [Fact]
    public void Files_AreThoseThatTheReadmeNames()
    {
        var adapter = Path.Combine(Folder, "adapter_model.safetensors");
        Assert.InRange(new FileInfo(adapter).Length, 1, MostBytes);
        Assert.Contains(HashOf(adapter), Readme(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder, InstructionTemplate.FileName)));
    }

    [Fact, Trait("Category", "Weights")]
    public async Task Prompts_OfHeldOutQueries_KeepMoreInTheRightFormThanThoseOfTheBase()
    {
        var model = Repository.Model("smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        Assert.Contains(HashOf(model), Readme(), StringComparison.Ordinal);
        var options = new TrackOptions { Model = model, Data = Repository.Data(""), Instruction = File.ReadAllText(Path.Combine(Folder, InstructionTemplate.FileName)) };
        var queries = (await TrackData.ReadAsync(options, null, TestContext.Current.CancellationToken)).HeldOut.Take(Queries).ToList();
        using var scratch = new TemporaryFolder();
        using var judge = new AtomJudge();
        // The base copies the wish, which keeps every atom and is no prompt: one of bad form keeps nothing.
        async Task<double> CoverageWith(string? adapter, string name)
        {
            using var writer = new TrackWriter(options, adapter);
            var prompts = await writer.WriteAsync(name, Path.Combine(scratch.Path, name), queries, null, TestContext.Current.CancellationToken);
            return prompts.Select(p => PromptQuality.Of(judge, p.Query, p.Prompt, p.Finished)).Average(q => q.IsWellFormed ? q.Findings.Coverage : 0);
        }
        var (with, without) = (await CoverageWith(Folder, "adapter"), await CoverageWith(null, "base"));
        Assert.True(with > without + LeastGain, string.Create(CultureInfo.InvariantCulture, $"coverage in the right form {with:0.000} with the adapter, {without:0.000} without"));
    }

    private static string Readme() => File.ReadAllText(Path.Combine(Folder, "README.md"));

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
