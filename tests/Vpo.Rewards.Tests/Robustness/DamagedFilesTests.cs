using System.Text.Json;
using Vpo.Models.Checkpoints;
using Vpo.Rewards.Checklists;
using Vpo.Rewards.Clip;
using Vpo.Rewards.VBench;
using Vpo.Rewards.VisionReward;
using Vpo.Rewards.VisionReward.Model;

namespace Vpo.Rewards.Tests.Robustness;

/// <summary>Damaged files of every format of rewards: see <see cref="FileFormat.Damage"/>.</summary>
public sealed class DamagedFilesTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-formats-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Dictionary<string, Func<string, FileFormat>> Formats = new()
    {
        ["clip_config"] = _ => new(Golden("clip/quick_gelu/model/config.json"), path => ClipConfig.Open(path)),
        ["clip_weights"] = _ => new(Golden("clip/quick_gelu/model/model.safetensors"), LoadClip, 1 << 14, NeedsFolder: true),
        ["clip_vocabulary"] = _ => new(Golden("clip/quick_gelu/model/vocab.json"), Tokenize, 1 << 20, NeedsFolder: true),
        ["clip_merges"] = _ => new(Golden("clip/quick_gelu/model/merges.txt"), Tokenize, 1 << 20, NeedsFolder: true),
        ["visionreward_config"] = _ => new(Golden("visionreward_model/one_frame/model/config.json"), path => VisionRewardConfig.Open(path)),
        ["checklist"] = folder => new(WriteChecklist(folder), path => Assert.NotEmpty(Checklist.Load(path).Id)) { Refusal = typeof(InvalidDataException) },
        ["checklist_questions"] = folder => new(WriteParts(folder, VisionRewardChecklist.QuestionsFile), LoadParts, 1 << 14, NeedsFolder: true) { Refusal = typeof(InvalidDataException) },
        ["checklist_selected"] = folder => new(WriteParts(folder, VisionRewardChecklist.SelectedFile), LoadParts, NeedsFolder: true) { Refusal = typeof(InvalidDataException) },
        ["checklist_weights"] = folder => new(WriteParts(folder, VisionRewardChecklist.WeightsFile), LoadParts, NeedsFolder: true) { Refusal = typeof(InvalidDataException) },
        ["vbench_info"] = folder => new(WriteInfo(folder), path => VBenchFiles.ReadPrompts(File.ReadAllBytes(path))) { Refusal = typeof(InvalidDataException) },
    };

    public static TheoryData<string> Names() => [.. Formats.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Open_DamagedFile_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Default));

    [Theory(Explicit = true), MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Open_DamagedFileManyTimes_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Long));

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", relative);

    private static void LoadClip(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        using var checkpoint = CheckpointFolder.Open(folder);
        ClipModel.Load(ClipConfig.Open(Path.Combine(folder, "config.json")), checkpoint).Dispose();
    }

    private static void Tokenize(string path) => Assert.NotEmpty(ClipTokenizer.Open(Path.GetDirectoryName(path)!).Encode("a cat, 12 dogs"));

    private static string WriteChecklist(string folder) => Write(folder, "own.json", new[]
    {
        new { name = "q1", dimension = "Quality", sub_dimension = "clarity", text = "Is it sharp?", weight = 0.25 },
        new { name = "q2", dimension = "Safety", sub_dimension = "harm", text = "Is it harmless?", weight = 1e2 },
    });

    private static string WriteInfo(string folder) => Write(folder, "info.json", new[]
    {
        new { prompt_en = "a red car", dimension = new[] { "color" }, auxiliary_info = new { color = "red" } },
        new { prompt_en = "a dog left of a cat", dimension = new[] { "spatial_relationship" }, auxiliary_info = new { color = "" } },
    });

    private static void LoadParts(string path) => VisionRewardChecklist.Load(Path.GetDirectoryName(path)!);

    private static string WriteParts(string folder, string damaged)
    {
        string[] questions = [.. Enumerable.Range(1, VisionRewardChecklist.Count).Select(i => $"Is it {i}?")];
        File.WriteAllLines(Path.Combine(folder, VisionRewardChecklist.QuestionsFile), questions);
        File.WriteAllLines(Path.Combine(folder, VisionRewardChecklist.SelectedFile), questions[..8]);
        Write(folder, VisionRewardChecklist.WeightsFile, new[] { 0.5, 1, 0.25, 2, 1e-3, 3, 0.125, 7 });
        return Path.Combine(folder, damaged);
    }

    private static string Write<T>(string folder, string name, T value)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, JsonSerializer.Serialize(value));
        return path;
    }
}
