using Microsoft.Extensions.DependencyInjection;
using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class CogVideoXFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo").FullName;

    private static string Published => Path.Combine(Repository.Root, "tests", "golden", "cogvideox_pipeline", "2b_ddim", "model");

    private string Copy()
    {
        foreach (var file in Directory.EnumerateFiles(Published, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(_folder, Path.GetRelativePath(Published, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetAttributes(target, FileAttributes.Normal);
        }
        return _folder;
    }

    [Fact]
    public async Task UseCogVideoX_Folder_GeneratesThroughTheContract()
    {
        var services = new ServiceCollection();
        services.AddVpo().UseCogVideoX(Published, new() { Steps = 2, Shape = new(9, 16, 48) });
        await using var provider = services.BuildServiceProvider();
        var generator = provider.GetRequiredService<IVideoGenerator>();
        var clip = await generator.GenerateAsync(new("a red ball on the sand") { NegativePrompt = "blurry" });
        Assert.Equal((9, 48, 16, "model"), (clip.FrameCount, clip.Width, clip.Height, clip.ModelId));
    }

    [Fact]
    public void Open_PartsMissing_NamesThemAll()
    {
        var folder = Copy();
        Directory.Delete(Path.Combine(folder, "vae"), recursive: true);
        Directory.Delete(Path.Combine(folder, "tokenizer"), recursive: true);
        Assert.Contains("lacks vae, tokenizer", Assert.Throws<CheckpointException>(() => CogVideoXGenerator.Open(folder)).Message);
    }

    [Theory]
    [InlineData("transformer/config.json", "\"gelu-approximate\"", "\"swish\"", "activation_fn 'swish' is not supported; expected 'gelu-approximate'")]
    [InlineData("scheduler/scheduler_config.json", "\"v_prediction\"", "\"epsilon\"", "prediction_type 'epsilon' is not supported; expected 'v_prediction'")]
    [InlineData("scheduler/scheduler_config.json", "CogVideoXDDIMScheduler", "DDIMScheduler", "_class_name 'DDIMScheduler' is not supported")]
    [InlineData("text_encoder/config.json", "\"gated-gelu\"", "\"relu\"", "feed_forward_proj 'relu' is not supported")]
    [InlineData("vae/config.json", "\"norm_num_groups\": 2", "\"norm_num_groups\": 3", "must be multiples of norm_num_groups")]
    [InlineData("model_index.json", "\"CogVideoXPipeline\"", "\"WanPipeline\"", "_class_name 'WanPipeline' is not supported")]
    [InlineData("transformer/config.json", "\"num_layers\": 1", "\"num_layers\": 2", "transformer_blocks.1.attn1.to_q.weight")]
    public void Open_UnsupportedSetting_IsRefusedByName(string file, string old, string changed, string message)
    {
        var path = Path.Combine(Copy(), file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text);
        File.WriteAllText(path, text.Replace(old, changed));
        Assert.Contains(message, Assert.ThrowsAny<CheckpointException>(() => CogVideoXGenerator.Open(_folder)).Message);
    }

    [Theory, InlineData(0), InlineData(10), InlineData(5000)]
    public void Open_TokenizerCutOff_IsRefused(int length)
    {
        var path = Path.Combine(Copy(), "tokenizer", "spiece.model");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Assert.Contains("spiece.model", Assert.ThrowsAny<CheckpointException>(() => CogVideoXGenerator.Open(_folder)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
