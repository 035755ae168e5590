using Vpo.Models.Chat;
using Vpo.Models.Checkpoints;
using Vpo.Models.Generation;
using Vpo.Models.Gguf;
using Vpo.Models.Tokenizers;
using static TorchSharp.torch;

namespace Vpo.Models.Llama;

/// <summary>A LLaMA-architecture model on disk: a Hugging Face folder or a GGUF file, with its tokenizer, chat template and sampling defaults.</summary>
/// <remarks>Opening reads headers only. Tokenizer and template are read when they are first asked for.</remarks>
public sealed class LlamaCheckpoint : IDisposable
{
    private readonly Lazy<ITokenizer> _tokenizer;
    private readonly Lazy<ChatTemplate> _template;
    private readonly Lazy<string?> _templateText;

    private LlamaCheckpoint(LlamaConfig config, ICheckpoint weights, SamplingOptions defaults, Func<ITokenizer?> tokenizer, Func<string?> template)
    {
        (Config, Weights, Defaults) = (config, weights, defaults);
        _tokenizer = new(() => tokenizer() ?? throw new CheckpointException($"'{Location}' holds no tokenizer (tokenizer.json, tokenizer.model, or tokens inside the GGUF file)."));
        _templateText = new(template);
        _template = new(() => ChatTemplate.Recognise(TemplateText ?? throw new CheckpointException($"'{Location}' holds no chat template. Pass the ChatTemplate that the model was trained with.")));
    }

    /// <summary>The folder or file.</summary>
    public string Location => Weights.Location;

    /// <summary>The model's numbers.</summary>
    public LlamaConfig Config { get; }

    /// <summary>Its tensors, under the names of Hugging Face.</summary>
    public ICheckpoint Weights { get; }

    /// <summary>What generation_config.json says, or greedy without one; stop ids are filled in.</summary>
    public SamplingOptions Defaults { get; }

    /// <summary>The tokenizer of the model.</summary>
    /// <exception cref="CheckpointException">There is none, or it is not supported.</exception>
    public ITokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The chat template, recognised from its text.</summary>
    /// <exception cref="CheckpointException">There is none, or it is unknown; the message says what to pass.</exception>
    public ChatTemplate Template => _template.Value;

    /// <summary>The chat template as the model's files write it; null without one.</summary>
    public string? TemplateText => _templateText.Value;

    /// <summary>Whether Hugging Face's tokenizer of this model puts the beginning token before every text.</summary>
    internal bool BeginsTexts { get; private init; }

    /// <summary>Opens a folder with config.json and safetensors, or a .gguf file.</summary>
    /// <exception cref="CheckpointException">Something is missing, damaged or not supported; the message names it.</exception>
    public static LlamaCheckpoint Open(string path)
    {
        if (File.Exists(path))
            return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
                ? throw new CheckpointException($"'{path}' is a file of weights alone. Give the folder that holds it, with config.json and the tokenizer.")
                : OpenGguf(path);
        if (!Directory.Exists(path))
            throw new CheckpointException($"'{path}' does not exist. Expected a Hugging Face folder (config.json, model.safetensors, tokenizer.json) or a .gguf file.");
        if (File.Exists(Path.Combine(path, "config.json")))
            return OpenFolder(path);
        return Directory.GetFiles(path, "*.gguf") switch
        {
            [] => OpenFolder(path),
            [var only] => OpenGguf(only),
            var several => throw new CheckpointException($"'{path}' holds {several.Length} GGUF files and no config.json. Give one of them: {string.Join(", ", several.Select(Path.GetFileName).Order().Take(5))}."),
        };
    }

    /// <summary>Builds the model.</summary>
    /// <param name="type">Type of the parameters; null: as on disk (packed GGUF types become float32).</param>
    /// <param name="compute">Type of the arithmetic; null: that of the parameters.</param>
    /// <param name="device">Null: the CPU.</param>
    /// <exception cref="CheckpointMismatchException">The tensors are not those of the config.</exception>
    public LlamaModel Load(ScalarType? type = null, ScalarType? compute = null, Device? device = null) => LlamaModel.Load(Config, Weights, type, compute, device);

    /// <summary>Closes the files. Models that were built stay usable.</summary>
    public void Dispose() => Weights.Dispose();

    private static LlamaCheckpoint OpenGguf(string path)
    {
        var file = GgufFile.Open(path);
        var llama = new GgufLlama(file);
        return new(llama.Config, llama, new() { Greedy = true, StopIds = llama.Config.EosIds }, () => GgufTokenizer.Read(file),
            () => file.Metadata.GetValueOrDefault("tokenizer.chat_template") as string)
        { BeginsTexts = file.Metadata.GetValueOrDefault("tokenizer.ggml.add_bos_token") is true };
    }

    private static LlamaCheckpoint OpenFolder(string folder)
    {
        string In(string name) => Path.Combine(folder, name);
        if (!File.Exists(In("config.json")) && Directory.EnumerateFiles(folder, "*.pth").Any())
            throw new CheckpointException($"'{folder}' holds Meta's .pth files. They are pickled, which can run code when opened, so they are not read: take the Hugging Face version of the model (safetensors), "
                + "or convert them with transformers' convert_llama_weights_to_hf.py.");
        var config = LlamaConfig.Open(In("config.json"));
        var defaults = File.Exists(In("generation_config.json")) ? SamplingOptions.Read(ConfigReader.Open(In("generation_config.json"))) : new() { Greedy = true };
        return new(config, CheckpointFolder.Open(folder), defaults with { StopIds = defaults.StopIds ?? config.EosIds }, () =>
            File.Exists(In("tokenizer.json")) ? TokenizerJson.Open(In("tokenizer.json"))
            : File.Exists(In("tokenizer.model")) ? OpenRanks(In("tokenizer.model"), config) : null, () =>
            File.Exists(In("chat_template.jinja")) ? File.ReadAllText(In("chat_template.jinja"))
            : File.Exists(In("tokenizer_config.json")) ? TemplateTexts.Read(ConfigReader.Open(In("tokenizer_config.json"))) : null);
    }

    /// <summary>The file does not say where it ends, and special tokens follow its last line: only the model's config shows that lines are missing.</summary>
    private static ITokenizer OpenRanks(string path, LlamaConfig config) => Tiktoken.OpenLlama3(path) is var tokenizer && tokenizer.VocabularySize == config.VocabularySize ? tokenizer
        : throw new CheckpointException($"'{path}' makes {tokenizer.VocabularySize} tokens with the special ones, config.json says {config.VocabularySize}: the file is cut off or belongs to another model. Download it again.");
}
