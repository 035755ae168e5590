using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

/// <summary>Damaged files of every format of CogVideoX: see <see cref="FileFormat.Damage"/>.</summary>
public sealed class DamagedFilesTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-formats-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Lazy<CogVideoXTransformer> LoraBase = new(() => CogVideoXTransformer.Open(Golden("diffusers_lora/alpha_metadata/model/transformer"), float32));

    private static readonly Dictionary<string, Func<string, FileFormat>> Formats = new()
    {
        ["sentencepiece"] = _ => new(Golden("unigram_tokenizer/t5_identity/model/spiece.model"), Tokenize, 1 << 20),
        ["sentencepiece_with_map"] = _ => new(Golden("unigram_tokenizer/t5_nmt_nfkc/model/spiece.model"), Tokenize, 1 << 20),
        ["tokenizer_config"] = _ => new(Golden("unigram_tokenizer/t5_identity/model/tokenizer_config.json"), Tokenize, 1 << 20, NeedsFolder: true),
        ["added_tokens"] = folder => new(CopyAdded(folder), Tokenize, 1 << 20, NeedsFolder: true),
        ["lora"] = _ => new(Golden("diffusers_lora/alpha_metadata/model/lora/pytorch_lora_weights.safetensors"), path => CogVideoXLora.Open(LoraBase.Value, path).Dispose()),
        ["transformer_config"] = _ => new(Golden("cogvideox_pipeline/2b_ddim/model/transformer/config.json"), path => TransformerConfig.Open(path)),
        ["autoencoder_config"] = _ => new(Golden("cogvideox_pipeline/2b_ddim/model/vae/config.json"), path => AutoencoderConfig.Open(path)),
        ["text_encoder_config"] = _ => new(Golden("cogvideox_pipeline/2b_ddim/model/text_encoder/config.json"), path => T5Config.Open(path)),
        ["scheduler_config"] = _ => new(Golden("cogvideox_pipeline/2b_ddim/model/scheduler/scheduler_config.json"), path => NoiseScheduleConfig.Open(path)),
    };

    public static TheoryData<string> Names() => [.. Formats.Keys];

    private static string Golden(string relative) => Path.Combine(Repository.Root, "tests", "golden", relative);

    private static void Tokenize(string path) => Assert.NotNull(T5Tokenizer.Open(Path.GetDirectoryName(path)!).Encode("Ａ cat, 12 ½ dogs\u00A0</s> <extra_id_0>"));

    [Theory, MemberData(nameof(Names))]
    public void Open_DamagedFile_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Default));

    [Theory(Explicit = true), MemberData(nameof(Names)), Trait("Category", "Long")]
    public void Open_DamagedFileManyTimes_GivesATypedErrorOrASoundResult(string format) => output.WriteLine(Formats[format](_folder).Damage(FileFormat.Long));

    /// <summary>A tokenizer's folder from before tokenizer_config.json listed the added tokens.</summary>
    private static string CopyAdded(string folder)
    {
        foreach (var name in new[] { "spiece.model", "added_tokens.json" })
            File.Copy(Golden($"unigram_tokenizer/t5_identity/model/{name}"), Path.Combine(folder, name));
        return Path.Combine(folder, "added_tokens.json");
    }
}
