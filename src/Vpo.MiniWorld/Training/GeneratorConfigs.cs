using System.Text.Json.Nodes;
using Vpo.Models.Tokenizers;
using Vpo.Storage;
using Vpo.Video.CogVideoX;

namespace Vpo.MiniWorld;

/// <summary>Writes the config files of a generator in diffusers' spelling.</summary>
internal static class GeneratorConfigs
{
    private const string TokenizerClass = "PreTrainedTokenizerFast";
    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string folder, GeneratorRecipe recipe, double scaling)
    {
        new CogVideoXConfig
        {
            Transformer = recipe.Transformer(),
            Autoencoder = GeneratorRecipe.Autoencoder(scaling),
            TextEncoder = GeneratorRecipe.TextEncoder(),
            Schedule = GeneratorRecipe.Noise(),
        }.Write(folder, TokenizerClass);
        TokenizerJson.Write(Path.Combine(folder, "tokenizer", "tokenizer.json"), new WordTokenizer(
            MiniVocabulary.Captions, [MiniVocabulary.Padding, MiniVocabulary.End, MiniVocabulary.Unknown], MiniVocabulary.Unknown));
        AtomicFile.WriteText(Path.Combine(folder, "tokenizer", "tokenizer_config.json"), new JsonObject
        {
            ["tokenizer_class"] = TokenizerClass,
            ["pad_token"] = MiniVocabulary.Padding,
            ["eos_token"] = MiniVocabulary.End,
            ["unk_token"] = MiniVocabulary.Unknown,
            ["model_max_length"] = GeneratorRecipe.TextLength,
        }.ToJsonString(Indented) + "\n");
    }
}
