using Vpo.Models.Chat;
using Vpo.Models.Llama;
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
}
