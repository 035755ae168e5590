using Vpo.Models.Checkpoints;
using Vpo.Models.Gguf;
using Vpo.Models.Llama;
using Vpo.Models.Tokenizers;

namespace Vpo.Models.Tests.Robustness;

/// <summary>Files as a download that went wrong leaves them: the message says what to do.</summary>
public sealed class BrokenDownloadTests : IDisposable
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-broken-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Dictionary<string, Action<string>> Readers = new()
    {
        ["model.safetensors"] = path => SafetensorsFile.Open(path).Dispose(),
        ["model.safetensors.index.json"] = path => CheckpointFolder.Open(Path.GetDirectoryName(path)!).Dispose(),
        ["model.gguf"] = path => GgufFile.Open(path).Dispose(),
        ["config.json"] = path => LlamaConfig.Open(path),
        ["tokenizer.json"] = path => TokenizerJson.Open(path),
        ["tokenizer.model"] = path => Tiktoken.OpenLlama3(path),
    };

    public static TheoryData<string> Names() => [.. Readers.Keys];

    private string Message(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        var message = Assert.Throws<CheckpointException>(() => Readers[name](path)).Message;
        Assert.Contains(name, message, StringComparison.Ordinal);
        return message;
    }

    [Theory, MemberData(nameof(Names))]
    public void Open_GitLfsPointer_SaysHowToGetTheFile(string name) => Assert.Contains("git lfs pull", Message(name, Pointer), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Names))]
    public void Open_WebPage_SaysSo(string name) => Assert.Contains("web page", Message(name, "<!DOCTYPE html><html><body>Please log in to go on with your download.</body></html>"), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Names))]
    public void Open_EmptyFile_SaysSo(string name) => Assert.Contains("is empty", Message(name, ""), StringComparison.Ordinal);

    [Fact]
    public void Open_WeightsAlone_AsksForTheFolder()
    {
        var path = Path.Combine(_folder, "model.safetensors");
        File.WriteAllBytes(path, new byte[64]);
        Assert.Contains("the folder", Assert.Throws<CheckpointException>(() => LlamaCheckpoint.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderOfSeveralGgufFiles_AsksWhich()
    {
        foreach (var name in new[] { "q4.gguf", "q8.gguf" })
            File.WriteAllBytes(Path.Combine(_folder, name), new byte[64]);
        Assert.Contains("q4.gguf, q8.gguf", Assert.Throws<CheckpointException>(() => LlamaCheckpoint.Open(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenizer_RanksCutOff_AreRefused()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "tests", "golden", "llama", "sharded", "model")))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.WriteAllLines(Path.Combine(_folder, "tokenizer.model"), Enumerable.Range(0, 256).Select(b => $"{Convert.ToBase64String([(byte)b])} {b}"));
        using var checkpoint = LlamaCheckpoint.Open(_folder);
        Assert.Contains("cut off", Assert.Throws<CheckpointException>(() => checkpoint.Tokenizer).Message, StringComparison.Ordinal);
    }
}
