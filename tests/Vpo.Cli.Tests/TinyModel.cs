using Vpo.Models.Chat;
using Vpo.Models.Llama;
using Vpo.Models.Lora;
using Vpo.Models.Tokenizers;

namespace Vpo.Cli.Tests;

/// <summary>A folder with a word-level LLaMA of random weights: enough for everything but sense.</summary>
internal static class TinyModel
{
    public static string Write(string folder)
    {
        string[] special = ["<unk>", "<bos>", "<sep>", "<eos>"];
        var tokenizer = new WordTokenizer([.. special, "a", "big", "small", "red", "blue", "circle", "square", "moves", "left", "right"], special, "<unk>");
        var ids = tokenizer.SpecialTokens;
        var config = new LlamaConfig
        {
            HiddenSize = 32,
            IntermediateSize = 64,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDim = 8,
            VocabularySize = tokenizer.VocabularySize,
            MaxPositions = 64,
            TiedHead = true,
            BosId = ids["<bos>"],
            EosIds = [ids["<eos>"]],
        };
        using var model = LlamaModel.Initialize(config, seed: 3);
        LlamaFolder.Save(folder, model);
        LlamaFolder.SaveTokenizer(folder, tokenizer, new ChatTemplate.Plain("<bos>", "<sep>"), "<eos>");
        return folder;
    }

    /// <summary>An adapter with random factors, strong enough to change what is written.</summary>
    public static void WriteAdapter(string model, string folder)
    {
        using var checkpoint = LlamaCheckpoint.Open(model);
        using var loaded = checkpoint.Load();
        using var adapter = LoraAdapter.Create(loaded, new() { Rank = 4, Alpha = 64 }, seed: 5);
        foreach (var (name, parameter) in adapter.Parameters.Where(p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            parameter.copy_(TorchSharp.torch.linspace(-1, 1, parameter.numel()).view(parameter.shape));
        adapter.Save(folder);
    }
}
